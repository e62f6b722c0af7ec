package io.slipway.api.history;

import io.slipway.api.HomeId;
import io.slipway.api.SlipwayProperties;
import io.slipway.db.DatabaseException;
import io.slipway.db.build.BuildHistory;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Removes builds that are kept no longer, a few at a time. Thread-safe. */
@Component
final class HistorySweeper implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HistorySweeper.class);
    private static final long PAUSE_SECONDS = 60;
    private static final int AT_ONCE = 100;

    private final BuildHistory history;
    private final HistoryProperties properties;
    private final HomeId home;
    private final ScheduledExecutorService sweeper = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("history-sweeper").factory());

    HistorySweeper(BuildHistory history, HistoryProperties properties, HomeId home, SlipwayProperties all) {
        properties.requireLongerThanImages(all.storage());
        this.history = history;
        this.properties = properties;
        this.home = home;
        if (!properties.keepsAll()) {
            var _ = sweeper.scheduleWithFixedDelay(this::sweep, PAUSE_SECONDS, PAUSE_SECONDS, TimeUnit.SECONDS);
        }
    }

    /** Removes what can be removed now. */
    void sweep() {
        try {
            int removed;
            do {
                removed = history.removeOld(properties.buildAge(), home.value(), AT_ONCE);
                if (removed > 0) {
                    LOG.info("Removed {} builds that had ended more than {} ago", removed, properties.buildAge());
                }
            } while (removed >= AT_ONCE && !sweeper.isShutdown());
        } catch (DatabaseException e) {
            LOG.debug("Old builds could not be removed; it is tried again", e);
        } catch (RuntimeException e) {
            LOG.warn("Old builds could not be removed; it is tried again", e);
        }
    }

    @Override
    public void close() {
        sweeper.shutdownNow();
    }
}
