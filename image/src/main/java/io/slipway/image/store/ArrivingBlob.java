package io.slipway.image.store;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.util.Objects;

/** See {@link BlobWriter#openArriving}. Used by one thread. */
final class ArrivingBlob extends InputStream {
    private final FileChannel file;
    private final Arrival arrival;
    private long position;

    ArrivingBlob(FileChannel file, Arrival arrival) {
        this.file = file;
        this.arrival = arrival;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, target.length);
        if (length == 0) {
            return 0;
        }
        long there = arrival.await(position);
        if (there == 0) {
            return -1;
        }
        try {
            int read = file.read(ByteBuffer.wrap(target, offset, (int) Math.min(length, there)), position);
            position += read;
            return read;
        } catch (ClosedByInterruptException e) {
            // As an interrupt while it waits is told.
            InterruptedIOException interrupted = new InterruptedIOException("interrupted");
            interrupted.initCause(e);
            throw interrupted;
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
