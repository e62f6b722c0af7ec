package io.slipway.db.webhook;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What somebody says of a webhook.
 *
 * @param url where messages are sent to
 * @param events names of those that it wants to hear of; one at least
 * @param description what it is for, or null
 * @param enabled whether anything is sent
 */
public record WebhookSettings(
        String url, List<String> events, @Nullable String description, boolean enabled) {
    public WebhookSettings {
        events = List.copyOf(events);
    }
}
