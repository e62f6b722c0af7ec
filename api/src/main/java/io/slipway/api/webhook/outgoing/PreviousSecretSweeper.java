package io.slipway.api.webhook.outgoing;

import io.slipway.api.schedule.PeriodicTask;
import io.slipway.db.webhook.Webhooks;
import java.time.Duration;
import org.springframework.stereotype.Component;

/** Removes the secrets that webhooks had before, once nothing is signed with them any more. Thread-safe. */
@Component
final class PreviousSecretSweeper implements AutoCloseable {
    private static final Duration PAUSE = Duration.ofMinutes(1);
    private static final int AT_ONCE = 200;

    private final Webhooks webhooks;
    private final PeriodicTask sweeps;

    PreviousSecretSweeper(Webhooks webhooks) {
        this.webhooks = webhooks;
        this.sweeps = PeriodicTask.inParts("previous-secrets-sweeper", PAUSE, PAUSE, this::sweep);
    }

    /** Removes some of what can be removed now; whether there may be more. */
    boolean sweep() {
        return webhooks.forgetPreviousSecrets(SealedWebhooks.OVERLAP, AT_ONCE) >= AT_ONCE;
    }

    @Override
    public void close() {
        sweeps.close();
    }
}
