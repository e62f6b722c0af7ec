package io.slipway.api.claim;

import io.slipway.db.Channel;
import io.slipway.db.DatabaseException;
import io.slipway.db.Notifications;
import io.slipway.db.Signal;
import io.slipway.db.webhook.ClaimLostException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Claims what is due and works it off beside requests, a bounded number at a time. Each of several services does; a notification wakes it, and it looks by
 * itself now and then. What a killed service had claimed is due again when the claim ends. Thread-safe.
 *
 * @param <C> a claim
 */
public final class ClaimLoop<C> {
    private static final Logger LOG = LoggerFactory.getLogger(ClaimLoop.class);

    private final Settings settings;
    private final Notifications notifications;
    private final ClaimedWork<C> work;
    private final Semaphore free;
    private final Set<C> held = ConcurrentHashMap.newKeySet();
    private volatile @Nullable ExecutorService threads;
    private volatile boolean running;

    /**
     * How it is done.
     *
     * @param name what is worked off, in the plural; names threads
     * @param atOnce how much is worked off at once
     * @param poll how long to wait before looking again when there was not more
     * @param wokenBy what wakes it from that, or null
     * @param renewal how often claims are renewed; null: they hold longer than the work takes
     */
    public record Settings(
            String name,
            int atOnce,
            Duration poll,
            @Nullable Channel wokenBy,
            @Nullable Duration renewal) {}

    /** A loop that does nothing yet. */
    public ClaimLoop(Settings settings, Notifications notifications, ClaimedWork<C> work) {
        this.settings = settings;
        this.notifications = notifications;
        this.work = work;
        this.free = new Semaphore(settings.atOnce());
    }

    /** Begins. */
    public void start() {
        running = true;
        ExecutorService started = Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name(settings.name() + "-", 0).factory());
        threads = started;
        var _ = started.submit(() -> look(started));
        Duration renewal = settings.renewal();
        if (renewal != null) {
            var _ = started.submit(() -> renew(renewal));
        }
    }

    /** Whether it has begun and not been stopped. */
    public boolean isRunning() {
        return running;
    }

    private void look(ExecutorService workers) {
        Channel channel = settings.wokenBy();
        try (@Nullable Signal woken = channel == null ? null : notifications.subscribe(channel, null)) {
            while (running) {
                if (claim(workers)) {
                    continue;
                }
                if (woken == null) {
                    Thread.sleep(settings.poll());
                } else {
                    woken.await(settings.poll());
                }
            }
        } catch (InterruptedException e) {
            LOG.debug("No more {} are worked off", settings.name());
        }
    }

    /** Claims as many as can be begun; whether there may be more. */
    private boolean claim(ExecutorService workers) throws InterruptedException {
        free.acquire();
        int places = 1 + free.drainPermits();
        int claimed = 0;
        try {
            List<C> due = work.claim(places);
            for (C claim : due) {
                held.add(claim);
                var _ = workers.submit(() -> workOff(claim));
                claimed++;
            }
        } catch (DatabaseException e) {
            LOG.debug("No {} could be claimed; it is tried again", settings.name(), e);
        } finally {
            free.release(places - claimed);
        }
        return claimed == places;
    }

    private void workOff(C claim) {
        try {
            work.workOff(claim);
        } catch (ClaimLostException e) {
            LOG.debug("Somebody else works off one of the {}", settings.name(), e);
        } catch (DatabaseException e) {
            LOG.debug("What came of one of the {} could not be noted; it is done again", settings.name(), e);
        } catch (IOException | RuntimeException e) {
            failed(claim, e);
        } finally {
            held.remove(claim);
            free.release();
        }
    }

    private void failed(C claim, Exception failure) {
        if (!running) {
            return; // it was interrupted
        }
        LOG.warn("{} of the {} could not be worked off", work.nameOf(claim), settings.name(), failure);
        try {
            work.failed(claim);
        } catch (DatabaseException e) {
            LOG.debug("What came of one of the {} could not be noted; it is done again", settings.name(), e);
        }
    }

    private void renew(Duration pause) {
        while (running) {
            try {
                Thread.sleep(pause);
                work.renew(held);
            } catch (InterruptedException e) {
                return;
            } catch (DatabaseException e) {
                LOG.debug("Claims of {} could not be renewed", settings.name(), e);
            }
        }
    }

    /** Stops as a crash would, only that what was begun is given back. */
    public void stop() {
        running = false;
        ExecutorService stopped = threads;
        if (stopped != null) {
            stopped.shutdownNow();
        }
        for (C claim : held) {
            try {
                work.giveBack(claim);
            } catch (DatabaseException e) {
                LOG.debug("One of the {} could not be given back", settings.name(), e);
            }
        }
    }
}
