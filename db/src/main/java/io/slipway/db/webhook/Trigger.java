package io.slipway.db.webhook;

import io.slipway.db.Row;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What starts builds when a git host says so.
 *
 * @param id {@code trg_…}
 * @param host the kind of git host, as the API calls it
 * @param document JSON as the API shows it, without what nobody may read
 * @param sealed the whole document, encrypted by the service
 * @param secret what the host signs with, encrypted by the service
 * @param previousSecret what the host signed with before and may still sign with, encrypted by the service, or null
 * @param secretCreatedAt since when the host signs with {@code secret}
 * @param createdBy id of the token or identity that made it
 */
public record Trigger(
        String id,
        String project,
        String host,
        String document,
        String sealed,
        String secret,
        @Nullable String previousSecret,
        Instant secretCreatedAt,
        Instant createdAt,
        String createdBy,
        Instant updatedAt) {
    static final String COLUMNS = "id, project, host, document, sealed, secret, previous_secret, secret_created_at,"
            + " created_at, created_by, updated_at";

    static Trigger from(Row row) {
        return new Trigger(
                row.text("id"),
                row.text("project"),
                row.text("host"),
                row.text("document"),
                row.text("sealed"),
                row.text("secret"),
                row.textOrNull("previous_secret"),
                row.time("secret_created_at"),
                row.time("created_at"),
                row.text("created_by"),
                row.time("updated_at"));
    }

    /** Leaves out what is encrypted. */
    @Override
    public String toString() {
        return "Trigger[id=" + id + ", project=" + project + ", host=" + host + "]";
    }
}
