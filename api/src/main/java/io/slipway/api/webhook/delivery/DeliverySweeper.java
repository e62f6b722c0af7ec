package io.slipway.api.webhook.delivery;

import io.slipway.api.history.HistoryProperties;
import io.slipway.api.schedule.PeriodicTask;
import io.slipway.api.webhook.WebhookProperties;
import io.slipway.db.webhook.CommitStatuses;
import io.slipway.db.webhook.Deliveries;
import io.slipway.db.webhook.Messages;
import java.time.Duration;
import org.springframework.stereotype.Component;

/** Removes deliveries, statuses and messages that are kept no longer, and what deleted triggers have left, a few at a time. Thread-safe. */
@Component
final class DeliverySweeper implements AutoCloseable {
    private static final Duration PAUSE = Duration.ofMinutes(1);
    private static final int AT_ONCE = 200;

    private final Deliveries deliveries;
    private final CommitStatuses statuses;
    private final Messages messages;
    private final WebhookProperties properties;
    private final HistoryProperties history;
    private final PeriodicTask sweeps;

    DeliverySweeper(
            Deliveries deliveries,
            CommitStatuses statuses,
            Messages messages,
            WebhookProperties properties,
            HistoryProperties history) {
        this.deliveries = deliveries;
        this.statuses = statuses;
        this.messages = messages;
        this.properties = properties;
        this.history = history;
        this.sweeps = PeriodicTask.inParts("deliveries-sweeper", PAUSE, PAUSE, this::sweep);
    }

    /** Removes some of what can be removed now; whether there may be more. */
    boolean sweep() {
        Duration kept = properties.retention();
        Duration builds = history.longestBuildAge();
        Duration known =
                builds.compareTo(kept) > 0 ? builds : kept; // a delivery that is sent again would move an image back
        boolean more = statuses.removeOld(kept, AT_ONCE) >= AT_ONCE;
        more |= messages.removeOld(kept, AT_ONCE) >= AT_ONCE;
        more |= deliveries.removeOld(kept, known, AT_ONCE) >= AT_ONCE;
        return more;
    }

    @Override
    public void close() {
        sweeps.close();
    }
}
