package io.slipway.api.webhook.outgoing;

import io.slipway.api.secret.SecretBox;
import io.slipway.db.webhook.Webhook;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.springframework.stereotype.Component;

/** The secrets of webhooks, which are stored encrypted. Thread-safe. */
@Component
final class SealedWebhooks {
    /** For so long after a change, messages are signed with both secrets. */
    static final Duration OVERLAP = Duration.ofDays(1);

    private final SecretBox box;

    SealedWebhooks(SecretBox box) {
        this.box = box;
    }

    /** A secret as it is stored. */
    String seal(String id, String secret) {
        return box.seal(owner(id), secret.getBytes(StandardCharsets.UTF_8));
    }

    /** What messages are signed with now: the secret, and for a while the one before. */
    List<String> secrets(Webhook webhook, Instant now) {
        List<String> secrets = new ArrayList<>(List.of(open(webhook.id(), webhook.secret())));
        String previous = webhook.previousSecret();
        if (previous != null && isOverlapping(webhook, now)) {
            secrets.add(open(webhook.id(), previous));
        }
        return secrets;
    }

    /** Whether the secret before is used, too. */
    static boolean isOverlapping(Webhook webhook, Instant now) {
        return webhook.previousSecret() != null
                && now.isBefore(webhook.secretCreatedAt().plus(OVERLAP));
    }

    private String open(String id, String sealed) {
        return new String(box.open(owner(id), sealed), StandardCharsets.UTF_8);
    }

    private static String owner(String id) {
        return id + "/secret";
    }
}
