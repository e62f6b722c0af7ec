package io.slipway.api.history;

import io.slipway.db.DatabaseException;
import io.slipway.db.audit.AuditLog;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Removes entries of the audit log that are kept no longer, a few at a time. Thread-safe. */
@Component
final class AuditSweeper implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AuditSweeper.class);
    private static final long PAUSE_MINUTES = 10;
    private static final int AT_ONCE = 1000;

    private final AuditLog log;
    private final HistoryProperties properties;
    private final ScheduledExecutorService sweeper = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("audit-sweeper").factory());

    AuditSweeper(AuditLog log, HistoryProperties properties) {
        this.log = log;
        this.properties = properties;
        var _ = sweeper.scheduleWithFixedDelay(this::sweep, 1, PAUSE_MINUTES, TimeUnit.MINUTES);
    }

    /** Removes what can be removed now. */
    void sweep() {
        try {
            while (log.removeOld(properties.keptAudit(), properties.keptRefusals(), AT_ONCE) >= AT_ONCE
                    && !sweeper.isShutdown()) {
                LOG.debug("Removed {} entries of the audit log", AT_ONCE);
            }
        } catch (DatabaseException e) {
            LOG.debug("Old entries of the audit log could not be removed; it is tried again", e);
        } catch (RuntimeException e) {
            LOG.warn("Old entries of the audit log could not be removed; it is tried again", e);
        }
    }

    @Override
    public void close() {
        sweeper.shutdownNow();
    }
}
