package io.slipway.image.layer;

import java.io.IOException;
import java.io.OutputStream;

/**
 * Gathers small writes, tar headers for example, into large ones. Like {@link java.io.BufferedOutputStream}, but without
 * its lock, and it knows how much it holds.
 */
final class Batching extends OutputStream {
    private final OutputStream out;
    private final byte[] buffer;
    private int size;

    Batching(OutputStream out, int capacity) {
        this.out = out;
        this.buffer = new byte[capacity];
    }

    int pending() {
        return size;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        if (length > buffer.length - size) {
            flush();
        }
        if (length >= buffer.length) {
            out.write(bytes, offset, length);
        } else {
            System.arraycopy(bytes, offset, buffer, size, length);
            size += length;
        }
    }

    @Override
    public void flush() throws IOException {
        out.write(buffer, 0, size);
        size = 0;
    }
}
