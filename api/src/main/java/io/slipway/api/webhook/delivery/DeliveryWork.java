package io.slipway.api.webhook.delivery;

import io.slipway.api.claim.ClaimLoop;
import io.slipway.api.claim.ClaimedWork;
import io.slipway.api.launch.WorkerPool;
import io.slipway.db.Channel;
import io.slipway.db.Notifications;
import io.slipway.db.webhook.ClaimedDelivery;
import io.slipway.db.webhook.Deliveries;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/** Works off what was delivered. Thread-safe. */
@Component
final class DeliveryWork implements ClaimedWork<ClaimedDelivery>, SmartLifecycle {
    /** How many are worked off at once: most of the time they wait for a git server. */
    private static final int AT_ONCE = 6;

    private static final Duration HOLD = Duration.ofSeconds(20);
    private static final Duration RENEWAL = Duration.ofSeconds(6);
    private static final Duration POLL = Duration.ofSeconds(2);

    private final Deliveries deliveries;
    private final DeliveryDesk desk;
    private final WorkerPool pool;
    private final ClaimLoop<ClaimedDelivery> loop;

    DeliveryWork(Deliveries deliveries, DeliveryDesk desk, WorkerPool pool, Notifications notifications) {
        this.deliveries = deliveries;
        this.desk = desk;
        this.pool = pool;
        this.loop = new ClaimLoop<>(
                new ClaimLoop.Settings("deliveries", AT_ONCE, POLL, Channel.DELIVERIES, RENEWAL), notifications, this);
    }

    @Override
    public List<ClaimedDelivery> claim(int limit) {
        // What it submits would wait for this service, and another one could begin it.
        return pool.isDraining() ? List.of() : deliveries.claim(limit, HOLD);
    }

    @Override
    public String nameOf(ClaimedDelivery claim) {
        return claim.delivery().id();
    }

    @Override
    public void workOff(ClaimedDelivery claim) throws IOException {
        desk.workOff(claim);
    }

    @Override
    public void failed(ClaimedDelivery claim) {
        desk.failed(claim);
    }

    @Override
    public void renew(Collection<ClaimedDelivery> claims) {
        deliveries.renew(claims, HOLD);
    }

    @Override
    public void giveBack(ClaimedDelivery claim) {
        deliveries.giveBack(claim, Duration.ZERO, null);
    }

    @Override
    public void start() {
        loop.start();
    }

    @Override
    public void stop() {
        loop.stop();
    }

    @Override
    public boolean isRunning() {
        return loop.isRunning();
    }
}
