package io.slipway.api.history;

import io.slipway.api.schedule.PeriodicTask;
import io.slipway.db.audit.AuditLog;
import java.time.Duration;
import org.springframework.stereotype.Component;

/** Removes entries of the audit log that are kept no longer, a few at a time. Thread-safe. */
@Component
final class AuditSweeper implements AutoCloseable {
    private static final Duration FIRST = Duration.ofMinutes(1);
    private static final Duration PAUSE = Duration.ofMinutes(10);
    private static final int AT_ONCE = 1000;

    private final AuditLog log;
    private final HistoryProperties properties;
    private final PeriodicTask sweeps;

    AuditSweeper(AuditLog log, HistoryProperties properties) {
        this.log = log;
        this.properties = properties;
        this.sweeps = PeriodicTask.inParts("audit-sweeper", FIRST, PAUSE, this::sweep);
    }

    /** Removes some of what can be removed now; whether there may be more. */
    private boolean sweep() {
        return log.removeOld(properties.keptAudit(), properties.keptRefusals(), AT_ONCE) >= AT_ONCE;
    }

    @Override
    public void close() {
        sweeps.close();
    }
}
