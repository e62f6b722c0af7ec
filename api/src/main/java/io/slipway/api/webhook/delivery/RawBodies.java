package io.slipway.api.webhook.delivery;

import io.slipway.api.problem.ProblemException;
import io.slipway.api.problem.ProblemType;
import io.slipway.api.webhook.WebhookProperties;
import jakarta.servlet.http.HttpServletRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.springframework.stereotype.Component;

/**
 * Reads bodies of anybody's, as they are. Whether somebody has signed one is known only when all of it is in memory, so that is bounded: for each
 * body, and, of those that are not small, for how many are read at once and for how long. Thread-safe.
 */
@Component
public final class RawBodies {
    private static final int SMALL_BYTES = 256 * 1024;
    private static final int LARGE_AT_ONCE = 8;
    private static final long WAIT_SECONDS = 5;

    /** Hosts give up after ten seconds. */
    private static final long READ_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final int most;
    private final Semaphore large = new Semaphore(LARGE_AT_ONCE);

    RawBodies(WebhookProperties properties) {
        this.most = (int) properties.bodySize().toBytes();
    }

    /** A proof is over the bytes as they are sent, and nobody compresses. */
    public static void requirePlain(HttpServletRequest request) {
        String encoding = request.getHeader("Content-Encoding");
        if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
            throw new ProblemException(
                    ProblemType.MEDIA_TYPE_UNSUPPORTED, "The Content-Encoding of a webhook can't be " + encoding + ".");
        }
    }

    /**
     * The whole body.
     *
     * @throws ProblemException if it is too large, comes too slowly, or too many large ones come at once
     * @throws IOException if the sender is gone
     */
    public byte[] read(HttpServletRequest request) throws IOException {
        long length = request.getContentLengthLong();
        if (length > most) {
            throw tooLarge();
        }
        InputStream in = request.getInputStream();
        long begun = System.nanoTime();
        byte[] start = read(in, new ByteArrayOutputStream(), SMALL_BYTES, begun).toByteArray();
        if (start.length < SMALL_BYTES) {
            return start;
        }
        acquire();
        try {
            ByteArrayOutputStream all = new ByteArrayOutputStream(Math.max((int) length, 2 * SMALL_BYTES));
            all.write(start);
            byte[] body = read(in, all, most + 1, begun).toByteArray();
            if (body.length > most) {
                throw tooLarge();
            }
            return body;
        } finally {
            large.release();
        }
    }

    /** Reads on until there are {@code most} bytes, or no more. */
    private static ByteArrayOutputStream read(InputStream in, ByteArrayOutputStream all, int most, long begun)
            throws IOException {
        byte[] buffer = new byte[16 * 1024];
        while (all.size() < most) {
            int read = in.read(buffer, 0, Math.min(buffer.length, most - all.size()));
            if (read < 0) {
                break;
            }
            all.write(buffer, 0, read);
            if (System.nanoTime() - begun > READ_NANOS) {
                throw new ProblemException(ProblemType.REQUEST_INVALID, "The body comes too slowly.");
            }
        }
        return all;
    }

    private void acquire() {
        try {
            if (!large.tryAcquire(WAIT_SECONDS, TimeUnit.SECONDS)) {
                throw new ProblemException(
                        ProblemType.WEBHOOKS_BUSY, "The service is receiving too many large webhooks at the moment.");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ProblemException(ProblemType.STOPPING, "The service is stopping.");
        }
    }

    private ProblemException tooLarge() {
        return new ProblemException(
                ProblemType.CONTENT_TOO_LARGE, "The body of a webhook has " + most + " bytes at most.");
    }
}
