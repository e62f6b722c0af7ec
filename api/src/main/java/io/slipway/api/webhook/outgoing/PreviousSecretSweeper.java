package io.slipway.api.webhook.outgoing;

import io.slipway.db.DatabaseException;
import io.slipway.db.webhook.Webhooks;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Removes the secrets that webhooks had before, once nothing is signed with them any more. Thread-safe. */
@Component
final class PreviousSecretSweeper implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PreviousSecretSweeper.class);
    private static final long PAUSE_SECONDS = 60;
    private static final int AT_ONCE = 200;

    private final Webhooks webhooks;
    private final ScheduledExecutorService sweeper = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("previous-secrets-sweeper").factory());

    PreviousSecretSweeper(Webhooks webhooks) {
        this.webhooks = webhooks;
        var _ = sweeper.scheduleWithFixedDelay(this::sweep, PAUSE_SECONDS, PAUSE_SECONDS, TimeUnit.SECONDS);
    }

    /** Removes what can be removed now. */
    void sweep() {
        try {
            while (webhooks.forgetPreviousSecrets(SealedWebhooks.OVERLAP, AT_ONCE) >= AT_ONCE
                    && !sweeper.isShutdown()) {
                LOG.debug("There are more previous secrets to be removed");
            }
        } catch (DatabaseException e) {
            LOG.debug("Previous secrets could not be removed; it is tried again", e);
        } catch (RuntimeException e) {
            LOG.warn("Previous secrets could not be removed; it is tried again", e);
        }
    }

    @Override
    public void close() {
        sweeper.shutdownNow();
    }
}
