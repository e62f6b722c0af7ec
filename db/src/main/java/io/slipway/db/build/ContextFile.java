package io.slipway.db.build;

/**
 * A build context that is stored on this machine.
 *
 * @param path absolute path of the uncompressed tar
 * @param bytes its size
 * @param sha256 its SHA-256 as 64 lower-case hexadecimal digits
 */
public record ContextFile(String path, long bytes, String sha256) {}
