package io.slipway.api.schedule;

import io.slipway.db.DatabaseException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Something that is done again and again, on a thread of its own, until it is closed. An exception is logged and does not end it: a {@link
 * ScheduledExecutorService} drops whatever throws once. Thread-safe.
 */
public final class PeriodicTask implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PeriodicTask.class);

    private static final Duration FAREWELL = Duration.ofSeconds(3);

    private final String name;
    private final BooleanSupplier part;
    private final ScheduledExecutorService thread;

    private PeriodicTask(String name, BooleanSupplier part) {
        this.name = name;
        this.part = part;
        this.thread = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name(name).factory());
    }

    /**
     * Begins.
     *
     * @param name of the thread, and in the log
     * @param first how long after now it is done first
     * @param pause between the end of one time and the next
     * @param part does it, or some of it, and says whether there is more to do at once
     */
    public static PeriodicTask inParts(String name, Duration first, Duration pause, BooleanSupplier part) {
        PeriodicTask task = new PeriodicTask(name, part);
        var _ = task.thread.scheduleWithFixedDelay(
                task::run, first.toMillis(), pause.toMillis(), TimeUnit.MILLISECONDS);
        return task;
    }

    /** Begins something that is done at one go. */
    public static PeriodicTask every(Duration pause, String name, Runnable work) {
        return inParts(name, pause, pause, () -> {
            work.run();
            return false;
        });
    }

    /** Does it now, in the caller's thread. */
    public void run() {
        try {
            while (part.getAsBoolean() && !isClosed()) {
                LOG.trace("{}: there is more to do", name);
            }
        } catch (DatabaseException e) {
            // That the database is away is said once, by those who ask it for something.
            LOG.debug("{} failed; it is tried again", name, e);
        } catch (RuntimeException e) {
            LOG.warn("{} failed; it is tried again", name, e);
        }
    }

    /** Whether it is to end. */
    public boolean isClosed() {
        return thread.isShutdown();
    }

    /** Ends it. What is under way has a few seconds to end by itself before it is interrupted. */
    @Override
    public void close() {
        thread.shutdown();
        try {
            if (!thread.awaitTermination(FAREWELL.toMillis(), TimeUnit.MILLISECONDS)) {
                thread.shutdownNow();
            }
        } catch (InterruptedException e) {
            thread.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
