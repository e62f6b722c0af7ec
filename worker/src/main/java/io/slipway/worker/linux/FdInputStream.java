package io.slipway.worker.linux;

import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/** Reads a descriptor from where it stands. Closes it. Not thread-safe. */
public final class FdInputStream extends InputStream {
    private static final int BUFFER = 128 * 1024;

    private final Fd fd;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment buffer;
    private int position;
    private int limit;
    private boolean closed;

    /** Takes the descriptor over; {@code sizeHint} is the expected number of bytes and only sizes the buffer. */
    public FdInputStream(Fd fd, long sizeHint) {
        this.fd = fd;
        this.buffer = arena.allocate(Math.clamp(sizeHint + 1, 512, BUFFER));
    }

    @Override
    public int read() throws LinuxException {
        if (!fill()) {
            return -1;
        }
        return Byte.toUnsignedInt(buffer.get(ValueLayout.JAVA_BYTE, position++));
    }

    @Override
    public int read(byte[] target, int offset, int length) throws LinuxException {
        Objects.checkFromIndexSize(offset, length, target.length);
        if (length == 0) {
            return 0;
        }
        if (!fill()) {
            return -1;
        }
        int count = Math.min(length, limit - position);
        MemorySegment.copy(buffer, ValueLayout.JAVA_BYTE, position, target, offset, count);
        position += count;
        return count;
    }

    private boolean fill() throws LinuxException {
        if (position < limit) {
            return true;
        }
        position = 0;
        limit = (int) Linux.read(fd, buffer, buffer.byteSize());
        return limit > 0;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            arena.close();
            fd.close();
        }
    }
}
