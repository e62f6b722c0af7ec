package io.slipway.image.compression;

import java.io.IOException;
import java.io.OutputStream;

/**
 * Compresses what is written to it. {@link #finish()} completes the output; {@link #close()} gives back memory and threads
 * and must always follow. Neither closes the stream that is written to. {@code flush} does nothing: a flush in the middle
 * would change the bytes. Any exception leaves only {@code close} to be called. Not thread-safe.
 */
public abstract class Compressor extends OutputStream {
    /** Writes everything that is still held back and the format's trailer. Nothing may be written after it. */
    public abstract void finish() throws IOException;

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public abstract void write(byte[] bytes, int offset, int length) throws IOException;

    @Override
    public final void flush() {}

    @Override
    public abstract void close() throws IOException;
}
