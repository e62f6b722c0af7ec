package io.slipway.remote;

import io.slipway.image.network.PinnedAddresses;
import io.slipway.remote.SourceException.Kind;
import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Runs work on the network for a limited time. The work runs on a virtual thread of its own, because an interrupt ends a
 * virtual thread's socket operations, and nothing else would end them. Whatever host it has {@linkplain AddressPolicy#pin pinned}, it connects to
 * there until it is done.
 */
public final class TimeBox {
    private static final long LOOK_MILLIS = 250;
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private TimeBox() {}

    /** Looks at the work from outside while it runs. */
    @FunctionalInterface
    public interface Watch {
        /** The reason to stop the work now, or null to let it go on. */
        @Nullable
        SourceException look() throws IOException;
    }

    /**
     * Runs {@code work} and returns its result.
     *
     * @param what what is being done, for the message: {@code "fetching https://…"}
     * @param limit the longest that it may take
     * @param watch asked four times a second
     * <p>A result that comes too late is closed, if it can be.
     *
     * @throws SourceException {@link Kind#UNREACHABLE} when the time is over, or what {@code watch} or the work says
     * @throws IOException if the work says so
     */
    public static <T> T run(String what, Duration limit, Watch watch, Callable<T> work) throws IOException {
        FutureTask<T> task = new FutureTask<>(() -> PinnedAddresses.<T, Exception>during(work::call));
        Thread thread = Thread.ofVirtual().name("fetch").start(task);
        long end = System.nanoTime() + limit.toNanos();
        boolean taken = false;
        try {
            while (true) {
                try {
                    T result = task.get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
                    taken = true;
                    return result;
                } catch (TimeoutException e) {
                    SourceException reason = watch.look();
                    if (reason != null) {
                        throw reason;
                    }
                    if (System.nanoTime() - end > 0) {
                        throw new SourceException(
                                Kind.UNREACHABLE,
                                what + " took longer than " + limit.toSeconds() + " seconds",
                                "the setting slipway.context.fetch-timeout is the limit");
                    }
                }
            }
        } catch (ExecutionException e) {
            throw unwrapped(e.getCause() == null ? e : e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (InterruptedIOException) new InterruptedIOException(what + " was interrupted").initCause(e);
        } finally {
            end(thread);
            if (!taken) {
                discard(task);
            }
        }
    }

    private static void discard(FutureTask<?> task) throws IOException {
        if (task.state() == Future.State.SUCCESS && task.resultNow() instanceof Closeable late) {
            late.close();
        }
    }

    /** Waits for the interrupted work, so that its files can be removed. */
    private static void end(Thread thread) {
        thread.interrupt();
        try {
            boolean ended = thread.join(PATIENCE);
            if (!ended) {
                System.getLogger(TimeBox.class.getName())
                        .log(System.Logger.Level.WARNING, "a fetch did not end when it was interrupted");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static IOException unwrapped(Throwable cause) {
        return switch (cause) {
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            case IOException e -> e;
            default -> new IOException(cause);
        };
    }
}
