package io.slipway.api.webhook.status;

import io.slipway.db.DatabaseException;
import io.slipway.db.webhook.CommitStatus;
import io.slipway.db.webhook.CommitStatuses;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/** Sends statuses as they are noted, beside everything else. Each of several services claims what is due. Thread-safe. */
@Component
final class StatusWork implements SmartLifecycle {
    private static final Logger LOG = LoggerFactory.getLogger(StatusWork.class);
    private static final int AT_ONCE = 8;

    /** Nobody is woken for a status: a transaction that changes a build's state must not wait for a notification. */
    private static final Duration POLL = Duration.ofMillis(500);

    private final CommitStatuses statuses;
    private final StatusSender sender;
    private final Semaphore free = new Semaphore(AT_ONCE);
    private volatile @Nullable ExecutorService threads;
    private volatile boolean running;

    StatusWork(CommitStatuses statuses, StatusSender sender) {
        this.statuses = statuses;
        this.sender = sender;
    }

    @Override
    public void start() {
        running = true;
        ExecutorService started = Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("statuses-", 0).factory());
        threads = started;
        var _ = started.submit(() -> look(started));
    }

    private void look(ExecutorService workers) {
        while (running) {
            try {
                if (!claim(workers)) {
                    Thread.sleep(POLL);
                }
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    /** Claims as many as can be sent at once; whether there may be more. */
    private boolean claim(ExecutorService workers) throws InterruptedException {
        free.acquire();
        int places = 1 + free.drainPermits();
        int claimed = 0;
        try {
            List<CommitStatus> due = statuses.claim(places, StatusSender.HOLD);
            for (CommitStatus status : due) {
                var _ = workers.submit(() -> send(status));
                claimed++;
            }
        } catch (DatabaseException e) {
            LOG.debug("Statuses could not be claimed; it is tried again", e);
        } finally {
            free.release(places - claimed);
        }
        return claimed == places;
    }

    private void send(CommitStatus status) {
        try {
            sender.send(status);
        } catch (DatabaseException e) {
            LOG.debug("What came of a status could not be noted; it is sent again", e);
        } catch (IOException | RuntimeException e) {
            failed(status, e);
        } finally {
            free.release();
        }
    }

    private void failed(CommitStatus status, Exception failure) {
        if (!running) {
            return; // it was interrupted, and is due again when the claim ends
        }
        LOG.warn("A status of {} could not be sent", status.triggerId(), failure);
        try {
            statuses.refused(status, "something went wrong inside Slipway; its log says more");
        } catch (DatabaseException e) {
            LOG.debug("What came of a status could not be noted; it is sent again", e);
        }
    }

    @Override
    public void stop() {
        running = false;
        ExecutorService stopped = threads;
        if (stopped != null) {
            stopped.shutdownNow();
        }
    }

    @Override
    public boolean isRunning() {
        return running;
    }
}
