package io.slipway.db.build;

/**
 * What a build made.
 *
 * @param digest digest of the image's manifest
 * @param mediaType media type of that manifest
 * @param imageBytes sum of the sizes of config and compressed layers
 */
public record BuildResult(String digest, String mediaType, long imageBytes) {}
