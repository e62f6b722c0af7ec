package io.slipway.db.build;

import org.jspecify.annotations.Nullable;

/**
 * A build context that is stored on this machine.
 *
 * @param path absolute path of the uncompressed tar
 * @param bytes its size
 * @param sha256 its SHA-256 as 64 lower-case hexadecimal digits
 * @param content what fills it, as a JSON object; null if nobody has looked
 */
public record ContextFile(
        String path, long bytes, String sha256, @Nullable String content) {
    /** One that nobody has looked into. */
    public ContextFile(String path, long bytes, String sha256) {
        this(path, bytes, sha256, null);
    }
}
