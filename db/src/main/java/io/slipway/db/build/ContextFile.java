package io.slipway.db.build;

import org.jspecify.annotations.Nullable;

/**
 * A build context that is stored in the home of a service.
 *
 * @param name of the uncompressed tar, unique in its home; of an older version its absolute path, which ends in that name
 * @param bytes its size
 * @param sha256 its SHA-256 as 64 lower-case hexadecimal digits
 * @param content what fills it, as a JSON object; null if nobody has looked
 */
public record ContextFile(
        String name, long bytes, String sha256, @Nullable String content) {
    /** One that nobody has looked into. */
    public ContextFile(String name, long bytes, String sha256) {
        this(name, bytes, sha256, null);
    }
}
