package io.slipway.api.webhook.delivery;

import io.slipway.api.webhook.WebhookProperties;
import io.slipway.db.DatabaseException;
import io.slipway.db.webhook.CommitStatuses;
import io.slipway.db.webhook.Deliveries;
import io.slipway.db.webhook.Messages;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Removes deliveries, statuses and messages that are kept no longer, and what deleted triggers have left, a few at a time. Thread-safe. */
@Component
final class DeliverySweeper implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DeliverySweeper.class);
    private static final long PAUSE_SECONDS = 60;
    private static final int AT_ONCE = 200;

    private final Deliveries deliveries;
    private final CommitStatuses statuses;
    private final Messages messages;
    private final WebhookProperties properties;
    private final ScheduledExecutorService sweeper = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("deliveries-sweeper").factory());

    DeliverySweeper(Deliveries deliveries, CommitStatuses statuses, Messages messages, WebhookProperties properties) {
        this.deliveries = deliveries;
        this.statuses = statuses;
        this.messages = messages;
        this.properties = properties;
        var _ = sweeper.scheduleWithFixedDelay(this::sweep, PAUSE_SECONDS, PAUSE_SECONDS, TimeUnit.SECONDS);
    }

    /** Removes what can be removed now. */
    void sweep() {
        try {
            while (statuses.removeOld(properties.retention(), AT_ONCE) >= AT_ONCE && !sweeper.isShutdown()) {
                LOG.debug("There are more statuses to be removed");
            }
            while (messages.removeOld(properties.retention(), AT_ONCE) >= AT_ONCE && !sweeper.isShutdown()) {
                LOG.debug("There are more messages to be removed");
            }
            while (deliveries.removeOld(properties.retention(), AT_ONCE) >= AT_ONCE && !sweeper.isShutdown()) {
                LOG.debug("There are more deliveries to be removed");
            }
        } catch (DatabaseException e) {
            LOG.debug("Old deliveries could not be removed; it is tried again", e);
        } catch (RuntimeException e) {
            LOG.warn("Old deliveries could not be removed; it is tried again", e);
        }
    }

    @Override
    public void close() {
        sweeper.shutdownNow();
    }
}
