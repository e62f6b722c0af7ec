package io.slipway.image.context;

/**
 * How large a build context may be.
 *
 * @param bytes the most that the uncompressed tar may have, and all files together with the holes of sparse ones
 * @param receivedBytes the most that may be received, compressed or not
 * @param entries the most files, directories and links, directories that are only implied included; at most
 *     {@link #MOST_ENTRIES}
 * @param pathBytes the most that an entry's path may have
 * @param freeBytes what stays free of the disk that the context is written to
 */
public record ContextLimits(long bytes, long receivedBytes, int entries, int pathBytes, long freeBytes) {
    /** What an index can hold. */
    public static final int MOST_ENTRIES = 5_000_000;

    /** PATH_MAX of Linux without the zero that ends a path: a longer one can't be used. */
    static final int LINUX_PATH_BYTES = 4095;

    public ContextLimits {
        if (bytes < 0 || receivedBytes < 0 || entries < 0 || entries > MOST_ENTRIES || pathBytes < 1 || freeBytes < 0) {
            throw new IllegalArgumentException(
                    "not limits of a context: %d bytes, %d received, %d entries, %d path bytes, %d free"
                            .formatted(bytes, receivedBytes, entries, pathBytes, freeBytes));
        }
    }

    /** The same, and the disk may become full. */
    public ContextLimits(long bytes, long receivedBytes, int entries, int pathBytes) {
        this(bytes, receivedBytes, entries, pathBytes, 0);
    }

    /** As much as can be handled: for what a user's own machine reads of its own disk. */
    public static ContextLimits none() {
        return new ContextLimits(Long.MAX_VALUE, Long.MAX_VALUE, MOST_ENTRIES, LINUX_PATH_BYTES);
    }

    /** At most so many bytes, uncompressed as well as received; a million entries; paths as long as Linux has them. */
    public static ContextLimits ofBytes(long bytes) {
        return new ContextLimits(bytes, bytes, 1_000_000, LINUX_PATH_BYTES);
    }

    /** The same, and so many bytes of the disk stay free. */
    public ContextLimits leaving(long freeBytes) {
        return new ContextLimits(bytes, receivedBytes, entries, pathBytes, freeBytes);
    }
}
