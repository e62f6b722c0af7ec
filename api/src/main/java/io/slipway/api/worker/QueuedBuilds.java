package io.slipway.api.worker;

import io.slipway.api.SlipwayProperties;
import io.slipway.db.Channel;
import io.slipway.db.Notifications;
import jakarta.annotation.PreDestroy;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Wakes one of the workers that wait for each build that is queued: the others would only be in its way. What nobody waited for is remembered, as
 * often as there are workers to wake. Notifications can be lost, so whoever waits looks by itself now and then. Thread-safe.
 */
@Component
final class QueuedBuilds {
    private final int most;
    private final Semaphore queued = new Semaphore(0);
    private final Runnable ending;

    QueuedBuilds(Notifications notifications, SlipwayProperties properties) {
        this.most = properties.workers().slots();
        this.ending = notifications.listen(Channel.BUILD_QUEUED, this::heard);
    }

    /** Null: there may have been any number of builds. */
    private void heard(@Nullable String build) {
        int wanted = build == null ? most : 1;
        queued.release(Math.min(wanted, Math.max(0, most - queued.availablePermits())));
    }

    /**
     * Waits for a build that may be claimed, at most for {@code limit}; less long if the thread is interrupted (the flag stays set).
     *
     * @return whether there may be one; whoever then does not look for it lets {@linkplain #wakeAnother another} do so
     */
    boolean await(Duration limit) {
        try {
            return queued.tryAcquire(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Wakes somebody else for a build. */
    void wakeAnother() {
        queued.release();
    }

    @PreDestroy
    void close() {
        ending.run();
    }
}
