package io.slipway.image.registry;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Tries again what may work a moment later: broken connections, 429 and 5xx. Thread-safe. */
final class Retries {
    /** A mirror that does not answer is not waited for as long as the host itself: the host is the next to be asked. */
    private static final int MIRROR_ATTEMPTS = 2;
    /** Names and certificates seldom change within seconds. */
    private static final int HOPELESS_ATTEMPTS = 2;

    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(60);
    /** An attempt that got on by this much does not count as failed. */
    private static final long PROGRESS_BYTES = 1024 * 1024;

    private final RegistrySettings settings;

    Retries(RegistrySettings settings) {
        this.settings = settings;
    }

    /** Something to do that may fail on the way. */
    interface Attempt<T> {
        T run() throws IOException;
    }

    /** A host asks to be asked again later. */
    static final class BusyException extends IOException {
        private static final long serialVersionUID = 1L;

        private final RegistryException failure;
        private final @Nullable Duration after;

        BusyException(RegistryException failure, @Nullable String retryAfter) {
            super(failure);
            this.failure = failure;
            this.after = retryAfter == null ? null : parse(retryAfter);
        }

        /** Seconds or a date (RFC 9110, section 10.2.3). */
        private static @Nullable Duration parse(String retryAfter) {
            try {
                if (retryAfter.matches("[0-9]{1,9}")) {
                    return Duration.ofSeconds(Integer.parseInt(retryAfter));
                }
                ZonedDateTime date = ZonedDateTime.parse(retryAfter, DateTimeFormatter.RFC_1123_DATE_TIME);
                return Duration.between(ZonedDateTime.now(date.getZone()), date);
            } catch (DateTimeParseException e) {
                return null;
            }
        }
    }

    /** {@link #run(Purpose, Endpoint, LongSupplier, Attempt)} without progress in between. */
    <T> T run(Purpose purpose, Endpoint endpoint, Attempt<T> attempt) throws IOException {
        return run(purpose, endpoint, () -> 0, attempt);
    }

    /**
     * Runs the attempt until it succeeds, fails for good, or has failed too often.
     *
     * @param progress the number of bytes that have come over so far; an attempt that got on counts as the first again
     * @throws RegistryException if the registry refused, broke the protocol, or could not be reached
     * @throws IOException if our own disk failed or the thread was interrupted
     */
    <T> T run(Purpose purpose, Endpoint endpoint, LongSupplier progress, Attempt<T> attempt) throws IOException {
        long before = progress.getAsLong();
        for (int failed = 1; ; failed++) {
            Duration pause;
            try {
                return attempt.run();
            } catch (RegistryException e) {
                throw e;
            } catch (LocalFailure e) {
                throw e.local();
            } catch (BrokenProtocolException e) {
                throw purpose.failure(RegistryException.Kind.INVALID, endpoint.host(), e.getMessage() + "", e);
            } catch (DeniedAddressException e) {
                throw purpose.failure(RegistryException.Kind.UNREACHABLE, endpoint.host(), e.getMessage() + "", e);
            } catch (BusyException e) {
                pause = e.after == null ? pauseAfter(failed) : e.after;
                if (failed >= attempts(endpoint) || pause.compareTo(LONGEST_PAUSE) > 0) {
                    throw e.failure;
                }
            } catch (IOException e) {
                if (Thread.currentThread().isInterrupted()) {
                    throw interrupted(e);
                }
                if (progress.getAsLong() - before >= PROGRESS_BYTES) {
                    before = progress.getAsLong();
                    failed = 1;
                }
                boolean hopeless = e instanceof UnknownHostException || e instanceof SSLException;
                if (failed >= attempts(endpoint) || (hopeless && failed >= HOPELESS_ATTEMPTS)) {
                    throw purpose.unreachable(endpoint.host(), e);
                }
                pause = pauseAfter(failed);
            }
            try {
                Thread.sleep(pause);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw interrupted(e);
            }
        }
    }

    private int attempts(Endpoint endpoint) {
        return endpoint.mirror() ? Math.min(MIRROR_ATTEMPTS, settings.attempts()) : settings.attempts();
    }

    /** Doubles each time; up to a quarter more at random, so that many workers don't come back at the same moment. */
    private Duration pauseAfter(int failed) {
        long millis = settings.firstDelay().toMillis() << Math.min(failed - 1, 10);
        return Duration.ofMillis(millis + ThreadLocalRandom.current().nextLong(millis / 4 + 1));
    }

    private static InterruptedIOException interrupted(Exception cause) {
        InterruptedIOException interrupted = new InterruptedIOException("interrupted");
        interrupted.initCause(cause);
        return interrupted;
    }
}
