package io.slipway.remote;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * A failure that may pass: a server that is busy or just being started anew. Such requests are tried again after a while, within the
 * time that the whole fetch may take.
 */
public final class Passing extends IOException {
    private static final int ATTEMPTS = 4;
    private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

    private final SourceException failure;
    private final @Nullable Duration after;

    /**
     * @param failure what to say if it does not pass
     * @param after when the server wants to be asked again, or null if it does not say
     */
    public Passing(SourceException failure, @Nullable Duration after) {
        super(failure.getMessage(), failure);
        this.failure = failure;
        this.after = after;
    }

    /** What can be tried again: nothing of it must have got to anybody. */
    @FunctionalInterface
    public interface Attempt<T> {
        /**
         * Tries once.
         *
         * @param number from 1
         * @throws Passing if it may be tried again
         */
        T run(int number) throws IOException;
    }

    /**
     * Tries until it goes well, fails for good, or has failed too often.
     *
     * @throws SourceException the last failure
     */
    public static <T> T tried(Attempt<T> attempt) throws IOException {
        for (int number = 1; ; number++) {
            Duration pause;
            try {
                return attempt.run(number);
            } catch (Passing e) {
                pause = e.after == null ? pauseAfter(number) : e.after;
                if (number == ATTEMPTS || pause.compareTo(LONGEST_PAUSE) > 0) {
                    throw e.failure;
                }
            }
            try {
                Thread.sleep(pause);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted while waiting to try again");
            }
        }
    }

    /** Doubles each time; up to a quarter more at random, so that many don't come back at the same moment. */
    private static Duration pauseAfter(int failed) {
        long millis = FIRST_PAUSE.toMillis() << (failed - 1);
        return Duration.ofMillis(millis + ThreadLocalRandom.current().nextLong(millis / 4 + 1));
    }
}
