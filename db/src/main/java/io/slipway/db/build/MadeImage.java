package io.slipway.db.build;

/**
 * An image that builds made.
 *
 * @param digest digest of its manifest
 * @param mediaType media type of that manifest
 * @param young whether the newest of these builds has ended lately, or has not ended yet
 */
public record MadeImage(String digest, String mediaType, boolean young) {}
