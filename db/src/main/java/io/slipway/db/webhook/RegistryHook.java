package io.slipway.db.webhook;

import io.slipway.db.Row;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Where a registry tells that its tags have moved.
 *
 * @param id {@code rgh_…}
 * @param name for people
 * @param host what image names call the registry, or null: as it says itself
 * @param secret what proves it, encrypted
 * @param createdBy id of the token or identity that made it
 * @param lastReceivedAt when something came last that was proven, or null
 */
public record RegistryHook(
        String id,
        String project,
        String name,
        @Nullable String host,
        String secret,
        Instant createdAt,
        String createdBy,
        @Nullable Instant lastReceivedAt) {

    static RegistryHook from(Row row) {
        return new RegistryHook(
                row.text("id"),
                row.text("project"),
                row.text("name"),
                row.textOrNull("host"),
                row.text("secret"),
                row.time("created_at"),
                row.text("created_by"),
                row.timeOrNull("last_received_at"));
    }

    /** Leaves out what is encrypted. */
    @Override
    public String toString() {
        return "RegistryHook[id=" + id + ", project=" + project + "]";
    }
}
