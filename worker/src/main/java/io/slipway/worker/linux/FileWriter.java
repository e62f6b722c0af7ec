package io.slipway.worker.linux;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Copies streams into files, leaving holes where there are long runs of zeros so that a sparse file stays sparse. Keeps one
 * buffer for all files. Not thread-safe.
 */
public final class FileWriter implements AutoCloseable {
    private static final int BUFFER = 128 * 1024;
    private static final int HOLE = 4096;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment buffer = arena.allocate(BUFFER);
    private final byte[] bytes = new byte[BUFFER];

    /** Writes the whole stream to the descriptor, which must stand at the start of an empty file. */
    public void write(Fd file, InputStream content) throws IOException {
        long written = 0;
        long end = 0;
        int length;
        while ((length = content.readNBytes(bytes, 0, BUFFER)) > 0) {
            if (length >= HOLE && isZero(length)) {
                end += length;
                continue;
            }
            if (end > written) {
                Linux.seek(file, end);
            }
            MemorySegment.copy(bytes, 0, buffer, ValueLayout.JAVA_BYTE, 0, length);
            for (int done = 0; done < length; ) {
                done += (int) Linux.write(file, buffer, done, length - done);
            }
            end += length;
            written = end;
        }
        if (end > written) {
            Linux.truncate(file, end);
        }
    }

    private boolean isZero(int length) {
        for (int i = 0; i < length; i++) {
            if (bytes[i] != 0) {
                return false;
            }
        }
        return true;
    }

    @Override
    public void close() {
        arena.close();
    }
}
