package io.slipway.remote;

import io.slipway.image.tar.TarWriter;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Reads a tar while it is being written: the writer runs on a virtual thread and is held back by a small buffer. What the
 * writer throws, the reader's next read throws. Closing ends the writer.
 */
public final class TarPipe extends InputStream {
    private static final int BUFFER_BYTES = 256 * 1024;
    private static final int WRITE_BYTES = 32 * 1024;

    private final PipedInputStream pipe = new PipedInputStream(BUFFER_BYTES);
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private final Thread writer;

    /** Writes entries into a tar. */
    @FunctionalInterface
    public interface Entries {
        /** Writes all entries; the end of the archive is written after it returns. */
        void writeTo(TarWriter tar) throws IOException;
    }

    /** Starts to write. The caller must close this stream. */
    public TarPipe(Entries entries) throws IOException {
        PipedOutputStream out = new PipedOutputStream(pipe);
        this.writer = Thread.ofVirtual().name("tar").start(() -> write(entries, out));
    }

    private void write(Entries entries, PipedOutputStream out) {
        try (TarWriter tar = new TarWriter(new BufferedOutputStream(out, WRITE_BYTES))) {
            try {
                entries.writeTo(tar);
                tar.finish();
            } catch (IOException | RuntimeException | Error e) {
                failure.set(e); // before the stream's end is seen
            }
        } catch (IOException e) {
            failure.compareAndSet(null, e);
        }
    }

    @Override
    public int read() throws IOException {
        int b = pipe.read();
        return b < 0 ? ended() : b;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        int count = pipe.read(bytes, offset, length);
        return count < 0 ? ended() : count;
    }

    /** Why the entries could not be written, or null. Once the stream was closed early that is a reason, too. */
    public @Nullable Throwable failure() {
        return failure.get();
    }

    private int ended() throws IOException {
        return switch (failure.get()) {
            case null -> -1;
            case IOException e -> throw e;
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            case Throwable e -> throw new IOException(e);
        };
    }

    /** Ends the writer and waits for it. */
    @Override
    public void close() throws IOException {
        pipe.close();
        writer.interrupt();
        boolean interrupted = false;
        while (writer.isAlive()) {
            try {
                writer.join();
            } catch (InterruptedException e) {
                interrupted = true;
                writer.interrupt();
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
