package io.slipway.api.webhook.delivery;

import io.slipway.db.Channel;
import io.slipway.db.DatabaseException;
import io.slipway.db.Notifications;
import io.slipway.db.Signal;
import io.slipway.db.webhook.ClaimLostException;
import io.slipway.db.webhook.ClaimedDelivery;
import io.slipway.db.webhook.Deliveries;
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
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * Works off what was delivered, beside requests. Each of several services claims what is due; a notification wakes it, and it looks by itself now and
 * then. What a killed service had claimed is due again when the claim ends. Thread-safe.
 */
@Component
final class DeliveryWork implements SmartLifecycle {
    private static final Logger LOG = LoggerFactory.getLogger(DeliveryWork.class);

    /** How many are worked off at once: most of the time they wait for a git server. */
    private static final int AT_ONCE = 6;

    private static final Duration HOLD = Duration.ofSeconds(20);
    private static final Duration RENEWAL = Duration.ofSeconds(6);
    private static final Duration POLL = Duration.ofSeconds(2);

    private final Deliveries deliveries;
    private final DeliveryDesk desk;
    private final Notifications notifications;
    private final Semaphore free = new Semaphore(AT_ONCE);
    private final Set<ClaimedDelivery> held = ConcurrentHashMap.newKeySet();
    private volatile @Nullable ExecutorService threads;
    private volatile boolean running;

    DeliveryWork(Deliveries deliveries, DeliveryDesk desk, Notifications notifications) {
        this.deliveries = deliveries;
        this.desk = desk;
        this.notifications = notifications;
    }

    @Override
    public void start() {
        running = true;
        ExecutorService started = Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("deliveries-", 0).factory());
        threads = started;
        var _ = started.submit(() -> look(started));
        var _ = started.submit(this::renew);
    }

    private void look(ExecutorService workers) {
        try (Signal delivered = notifications.subscribe(Channel.DELIVERIES, null)) {
            while (running) {
                if (!claim(workers)) {
                    delivered.await(POLL);
                }
            }
        }
    }

    /** Claims as many as can be begun; whether there may be more. */
    private boolean claim(ExecutorService workers) {
        free.acquireUninterruptibly();
        int places = 1 + free.drainPermits();
        int claimed = 0;
        try {
            List<ClaimedDelivery> due = deliveries.claim(places, HOLD);
            for (ClaimedDelivery claim : due) {
                held.add(claim);
                var _ = workers.submit(() -> workOff(claim));
                claimed++;
            }
        } catch (DatabaseException e) {
            LOG.debug("What was delivered could not be claimed; it is tried again", e);
        } finally {
            free.release(places - claimed);
        }
        return claimed == places;
    }

    private void workOff(ClaimedDelivery claim) {
        try {
            desk.workOff(claim);
        } catch (ClaimLostException e) {
            LOG.debug("Somebody else works off {}", claim.delivery().id());
        } catch (DatabaseException e) {
            LOG.debug(
                    "{} could not be worked off; it is tried again",
                    claim.delivery().id(),
                    e);
        } catch (IOException | RuntimeException e) {
            failed(claim, e);
        } finally {
            held.remove(claim);
            free.release();
        }
    }

    private void failed(ClaimedDelivery claim, Exception failure) {
        if (!running) {
            return; // it was interrupted
        }
        LOG.warn(
                "{} could not be worked off; it is tried again",
                claim.delivery().id(),
                failure);
        try {
            desk.failed(claim);
        } catch (DatabaseException e) {
            LOG.debug("{} could not be given back", claim.delivery().id(), e);
        }
    }

    private void renew() {
        while (running) {
            try {
                Thread.sleep(RENEWAL);
                deliveries.renew(held, HOLD);
            } catch (InterruptedException e) {
                return;
            } catch (DatabaseException e) {
                LOG.debug("Claims could not be renewed", e);
            }
        }
    }

    /** Stops as a crash would, only that what was begun is due again at once. */
    @Override
    public void stop() {
        running = false;
        ExecutorService stopped = threads;
        if (stopped != null) {
            stopped.shutdownNow();
        }
        for (ClaimedDelivery claim : held) {
            try {
                deliveries.giveBack(claim, Duration.ZERO, null);
            } catch (DatabaseException e) {
                LOG.debug("{} could not be given back", claim.delivery().id(), e);
            }
        }
    }

    @Override
    public boolean isRunning() {
        return running;
    }
}
