package io.slipway.api.intake;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;

/**
 * Reads on for a while after a request was refused early. A connection that is closed while bytes are still coming in is
 * reset, and a client that is reset often loses the answer that was sent to it (RFC 9112, section 9.6).
 */
final class UnreadBody {
    private static final long MOST_BYTES = 256L * 1024 * 1024;
    private static final long MOST_NANOS = Duration.ofSeconds(10).toNanos();

    private UnreadBody() {}

    /** Throws away what comes, up to a limit of bytes and time. */
    static void drain(InputStream body) {
        byte[] buffer = new byte[64 * 1024];
        long end = System.nanoTime() + MOST_NANOS;
        long bytes = 0;
        try {
            int count = body.read(buffer);
            while (count >= 0 && bytes < MOST_BYTES && System.nanoTime() - end < 0) {
                bytes += count;
                count = body.read(buffer);
            }
        } catch (IOException e) {
            // The client has read the answer and hung up: that is what this is for.
            return;
        }
    }
}
