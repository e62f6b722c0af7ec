package io.slipway.api.webhook.base;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.slipway.api.claim.ClaimLoop;
import io.slipway.api.claim.ClaimedWork;
import io.slipway.api.schedule.PeriodicTask;
import io.slipway.db.Channel;
import io.slipway.db.DatabaseException;
import io.slipway.db.Notifications;
import io.slipway.db.base.BaseRebuilds;
import io.slipway.db.base.ClaimedBase;
import io.slipway.db.base.WatchedBases;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/** Keeps the list of bases that are watched, and looks at those that are due. Thread-safe. */
@Component
final class BaseWork implements ClaimedWork<ClaimedBase>, SmartLifecycle, MeterBinder {

    /** How many registries are asked at once. */
    private static final int AT_ONCE = 4;

    private static final Duration HOLD = Duration.ofSeconds(30);
    private static final Duration RENEWAL = Duration.ofSeconds(10);
    private static final Duration POLL = Duration.ofSeconds(2);
    private static final Duration REFRESH = Duration.ofSeconds(10);

    private final WatchedBases bases;
    private final BaseRebuilds rebuilds;
    private final BaseLookup lookup;
    private final BaseProperties properties;
    private final Clock clock;
    private final ClaimLoop<ClaimedBase> loop;
    private @Nullable PeriodicTask refreshes;

    BaseWork(
            WatchedBases bases,
            BaseRebuilds rebuilds,
            BaseLookup lookup,
            BaseProperties properties,
            Notifications notifications,
            Clock clock) {
        this.bases = bases;
        this.rebuilds = rebuilds;
        this.lookup = lookup;
        this.properties = properties;
        this.clock = clock;
        this.loop = new ClaimLoop<>(
                new ClaimLoop.Settings("bases", AT_ONCE, POLL, Channel.BASES, RENEWAL), notifications, this);
    }

    /** Brings the list to what is needed, and notes what could not be while other builds were under way. */
    void refresh() {
        bases.refresh(properties.pollOrNull());
        rebuilds.note(null, clock.instant());
    }

    @Override
    public List<ClaimedBase> claim(int limit) {
        return bases.claim(limit, HOLD);
    }

    @Override
    public String nameOf(ClaimedBase claim) {
        return claim.reference();
    }

    @Override
    public void workOff(ClaimedBase claim) throws IOException {
        lookup.look(claim);
    }

    @Override
    public void failed(ClaimedBase claim) {
        lookup.failed(claim, "Something went wrong inside Slipway; its log says more.");
    }

    @Override
    public void renew(Collection<ClaimedBase> claims) {
        bases.renew(claims, HOLD);
    }

    @Override
    public void giveBack(ClaimedBase claim) {
        bases.giveBack(claim);
    }

    @Override
    public void bindTo(MeterRegistry meters) {
        Gauge.builder("slipway.bases.watched", bases, queried -> {
                    try {
                        return queried.count();
                    } catch (DatabaseException e) {
                        return Double.NaN; // unknown while the database is away
                    }
                })
                .description("Base images that are looked at from time to time")
                .register(meters);
    }

    @Override
    public void start() {
        loop.start();
        refreshes = PeriodicTask.inParts("bases", Duration.ZERO, REFRESH, () -> {
            refresh();
            return false;
        });
    }

    @Override
    public void stop() {
        PeriodicTask refreshing = refreshes;
        if (refreshing != null) {
            refreshing.close();
        }
        loop.stop();
    }

    @Override
    public boolean isRunning() {
        return loop.isRunning();
    }
}
