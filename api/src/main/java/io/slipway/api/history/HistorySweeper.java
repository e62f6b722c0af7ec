package io.slipway.api.history;

import io.slipway.api.HomeId;
import io.slipway.api.SlipwayProperties;
import io.slipway.api.schedule.PeriodicTask;
import io.slipway.db.build.BuildHistory;
import io.slipway.db.build.Homes;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Removes builds that are kept no longer, and homes of which no build is left to do, a few at a time. Thread-safe. */
@Component
final class HistorySweeper implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HistorySweeper.class);
    private static final Duration PAUSE = Duration.ofMinutes(1);
    private static final int AT_ONCE = 100;

    private final BuildHistory history;
    private final Homes homes;
    private final HistoryProperties properties;
    private final HomeId home;
    private final @Nullable PeriodicTask sweeps;

    HistorySweeper(
            BuildHistory history, Homes homes, HistoryProperties properties, HomeId home, SlipwayProperties all) {
        properties.requireLongerThanImages(all.storage());
        this.history = history;
        this.homes = homes;
        this.properties = properties;
        this.home = home;
        this.sweeps = properties.keepsAll() ? null : PeriodicTask.inParts("history-sweeper", PAUSE, PAUSE, this::sweep);
    }

    /** Removes some of what can be removed now; whether there may be more. */
    boolean sweep() {
        int removed = history.removeOld(properties.buildAge(), home.value(), AT_ONCE);
        if (removed > 0) {
            LOG.info("Removed {} builds that had ended more than {} ago", removed, properties.buildAge());
        }
        int gone = homes.removeOld(properties.buildAge(), AT_ONCE);
        if (gone > 0) {
            LOG.info("Forgot {} homes whose services were not seen for {}", gone, properties.buildAge());
        }
        return removed >= AT_ONCE || gone >= AT_ONCE;
    }

    @Override
    public void close() {
        if (sweeps != null) {
            sweeps.close();
        }
    }
}
