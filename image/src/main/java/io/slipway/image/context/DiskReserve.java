package io.slipway.image.context;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Keeps a part of a disk free while a file on it grows.
 *
 * @param file what grows; exists
 * @param freeBytes what stays free; 0: nothing has to
 */
record DiskReserve(Path file, long freeBytes) {
    /** How much is written between two looks at the disk. */
    private static final long LOOK_BYTES = 16L << 20;

    /**
     * Refuses to write more once there is less room; to be asked before every write.
     *
     * @param size what the file has
     * @param length what is to be added
     * @throws DiskReserveException if less is free than has to be
     */
    void require(long size, long length) throws IOException {
        if (freeBytes > 0 && size / LOOK_BYTES != (size + length) / LOOK_BYTES) {
            long free = Files.getFileStore(file).getUsableSpace();
            if (free < freeBytes) {
                throw new DiskReserveException(free);
            }
        }
    }
}
