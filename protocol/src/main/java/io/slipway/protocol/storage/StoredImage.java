package io.slipway.protocol.storage;

/**
 * An image that a build made.
 *
 * @param digest of its manifest or index
 * @param mediaType of that
 * @param kept whether what it consists of must stay; if not, it may go, and with a part of it the image
 */
public record StoredImage(String digest, String mediaType, boolean kept) {}
