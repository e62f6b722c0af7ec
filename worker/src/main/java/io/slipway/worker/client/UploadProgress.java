package io.slipway.worker.client;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import java.util.function.LongSupplier;

/** Says now and then how much of an upload is sent, so that nobody thinks that it hangs. Not thread-safe. */
final class UploadProgress {
    private static final long PAUSE_NANOS = Duration.ofSeconds(2).toNanos();

    private final long total;
    private final LongSupplier nanoTime;
    private final PrintStream log;
    private long sent;
    private long said;

    /**
     * The progress of an upload that begins now.
     *
     * @param total bytes that there are to send
     * @param nanoTime a clock that only goes on, in nanoseconds
     */
    UploadProgress(long total, LongSupplier nanoTime, PrintStream log) {
        this.total = total;
        this.nanoTime = nanoTime;
        this.log = log;
        this.said = nanoTime.getAsLong();
    }

    /** A file that is counted as it is read. */
    InputStream of(InputStream file) {
        return new FilterInputStream(file) {
            @Override
            public int read() throws IOException {
                int read = super.read();
                sent(read < 0 ? 0 : 1);
                return read;
            }

            @Override
            public int read(byte[] bytes, int offset, int length) throws IOException {
                int read = super.read(bytes, offset, length);
                sent(Math.max(read, 0));
                return read;
            }
        };
    }

    private void sent(int bytes) {
        sent += bytes;
        long now = nanoTime.getAsLong();
        if (sent < total && now - said >= PAUSE_NANOS) {
            said = now;
            log.println("sent " + size(sent) + " of " + size(total));
        }
    }

    static String size(long bytes) {
        return bytes < 1_000_000 ? bytes + " bytes" : String.format(Locale.ROOT, "%.1f MB", bytes / 1e6);
    }
}
