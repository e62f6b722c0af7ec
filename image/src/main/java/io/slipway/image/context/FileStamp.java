package io.slipway.image.context;

import java.nio.ByteBuffer;
import java.time.Instant;

/**
 * What tells whether a file is still as it was (stat(2)): whoever changes it changes one of these.
 *
 * @param size in bytes
 * @param mtimeNanos when its content was changed, as it says, in nanoseconds since 1970
 * @param ctimeNanos when its state was changed, which nobody can set
 */
public record FileStamp(long device, long inode, long size, long mtimeNanos, long ctimeNanos) {
    private static final long NANOS = 1_000_000_000;

    /** When its state was changed. */
    public Instant changed() {
        return Instant.ofEpochSecond(Math.floorDiv(ctimeNanos, NANOS), Math.floorMod(ctimeNanos, NANOS));
    }

    /** Appends the five numbers to a buffer. */
    public void write(ByteBuffer bytes) {
        bytes.putLong(device).putLong(inode).putLong(size).putLong(mtimeNanos).putLong(ctimeNanos);
    }
}
