package io.slipway.image.context;

import io.slipway.image.Digest;

/**
 * What a stored context is.
 *
 * @param bytes size of the uncompressed tar
 * @param receivedBytes what came in for it, compressed or not; {@code bytes} for a tar that was made here
 * @param entries how many files, directories and links the tree has, without its root
 * @param digest SHA-256 of the uncompressed tar
 */
public record ContextSummary(long bytes, long receivedBytes, int entries, Digest digest) {}
