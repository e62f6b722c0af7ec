package io.slipway.db.webhook;

import io.slipway.db.Row;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a project wants to be told of its builds.
 *
 * @param id {@code whk_…}
 * @param events names of those that it wants to hear of
 * @param disabledReason why the service has disabled it, or null
 * @param secret what messages are signed with, encrypted
 * @param previousSecret what they are signed with as well for a while after {@code secretCreatedAt}, encrypted, or null
 * @param serviceUrl where its maker has reached the service
 * @param failingSince when the first attempt failed since one succeeded; null if none did
 * @param createdBy id of the token or identity that made it
 */
public record Webhook(
        String id,
        String project,
        String url,
        List<String> events,
        @Nullable String description,
        boolean enabled,
        @Nullable String disabledReason,
        String secret,
        @Nullable String previousSecret,
        Instant secretCreatedAt,
        String serviceUrl,
        @Nullable Instant failingSince,
        Instant createdAt,
        String createdBy,
        Instant updatedAt) {
    public Webhook {
        events = List.copyOf(events);
    }

    static Webhook from(Row row) {
        return new Webhook(
                row.text("id"),
                row.text("project"),
                row.text("url"),
                row.texts("events"),
                row.textOrNull("description"),
                row.flag("enabled"),
                row.textOrNull("disabled_reason"),
                row.text("secret"),
                row.textOrNull("previous_secret"),
                row.time("secret_created_at"),
                row.text("service_url"),
                row.timeOrNull("failing_since"),
                row.time("created_at"),
                row.text("created_by"),
                row.time("updated_at"));
    }

    /** Leaves out what is encrypted. */
    @Override
    public String toString() {
        return "Webhook[id=" + id + ", project=" + project + ", url=" + url + "]";
    }
}
