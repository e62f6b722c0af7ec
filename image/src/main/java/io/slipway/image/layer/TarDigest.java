package io.slipway.image.layer;

import io.slipway.image.Digest;
import java.io.IOException;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.util.Objects;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * Passes bytes on and hashes them beside that on another thread, so that the hash of the tar costs the writer only a copy.
 * At most {@link #BUFFERS} buffers are under way; then a write waits. A stream that fits one buffer starts no thread.
 */
final class TarDigest extends OutputStream {
    private static final int BUFFER_BYTES = 256 * 1024;
    private static final int BUFFERS = 4;

    private final OutputStream out;
    private final MessageDigest hash = Digest.sha256();
    private final BlockingQueue<Chunk> full = new ArrayBlockingQueue<>(BUFFERS + 1);
    private final BlockingQueue<byte[]> empty = new ArrayBlockingQueue<>(BUFFERS);
    private int buffers = 1;
    private byte[] filling = new byte[BUFFER_BYTES];
    private int filled;
    private long size;
    private @Nullable Thread hashing;

    /** A part of the stream, or with length 0 its end. */
    @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
    private record Chunk(byte[] bytes, int length) {}

    TarDigest(OutputStream out) {
        this.out = out;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        int at = offset;
        int end = offset + length;
        while (at < end) {
            int step = Math.min(end - at, BUFFER_BYTES - filled);
            System.arraycopy(bytes, at, filling, filled, step);
            filled += step;
            at += step;
            if (filled == BUFFER_BYTES) {
                handOver();
            }
        }
        size += length;
        out.write(bytes, offset, length);
    }

    /** How many bytes were written. */
    long size() {
        return size;
    }

    /** The digest of everything that was written. Nothing may be written after it. */
    Digest digest() throws IOException {
        Thread thread = hashing;
        if (thread != null) {
            try {
                full.put(new Chunk(filling, 0));
                thread.join();
            } catch (InterruptedException e) {
                throw interrupted(e);
            }
            hashing = null;
        }
        hash.update(filling, 0, filled);
        return Digest.of(hash);
    }

    /** Ends the hashing thread. Does not close the stream that is written to. */
    @Override
    public void close() {
        Thread thread = hashing;
        if (thread != null) {
            thread.interrupt();
            hashing = null;
        }
    }

    private void handOver() throws IOException {
        if (hashing == null) {
            hashing = Thread.ofVirtual().name("diff-id").start(this::hashAll);
        }
        try {
            full.put(new Chunk(filling, filled));
            byte[] next = empty.poll();
            if (next == null) {
                next = buffers < BUFFERS ? new byte[BUFFER_BYTES] : empty.take();
                buffers = Math.min(BUFFERS, buffers + 1);
            }
            filling = next;
            filled = 0;
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private void hashAll() {
        try {
            for (Chunk chunk = full.take(); chunk.length > 0; chunk = full.take()) {
                hash.update(chunk.bytes, 0, chunk.length);
                empty.put(chunk.bytes);
            }
        } catch (InterruptedException closed) {
            // close() ends this thread so; nobody asks for the digest any more.
            Thread.currentThread().interrupt();
        }
    }

    private static IOException interrupted(InterruptedException cause) {
        Thread.currentThread().interrupt();
        return new IOException("interrupted while hashing a layer", cause);
    }
}
