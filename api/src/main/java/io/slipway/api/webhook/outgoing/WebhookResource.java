package io.slipway.api.webhook.outgoing;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.slipway.db.webhook.Webhook;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A webhook as the API shows it. What does not apply is left out.
 *
 * @param disabledReason why the service has disabled it
 * @param failingSince the first failure since something was delivered
 * @param secret shown once
 * @param previousSecretUsed whether messages are signed with the secret before, too
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record WebhookResource(
        String id,
        String project,
        String url,
        List<String> events,
        @Nullable String description,
        boolean enabled,
        @Nullable String disabledReason,
        @Nullable Instant failingSince,
        @Nullable String secret,
        Instant secretCreatedAt,
        boolean previousSecretUsed,
        Instant createdAt,
        String createdBy,
        Instant updatedAt) {

    /** @param secret to be shown this once, or null */
    static WebhookResource of(Webhook webhook, @Nullable String secret, Instant now) {
        return new WebhookResource(
                webhook.id(),
                webhook.project(),
                webhook.url(),
                webhook.events(),
                webhook.description(),
                webhook.enabled(),
                webhook.disabledReason(),
                webhook.failingSince(),
                secret,
                webhook.secretCreatedAt(),
                SealedWebhooks.isOverlapping(webhook, now),
                webhook.createdAt(),
                webhook.createdBy(),
                webhook.updatedAt());
    }
}
