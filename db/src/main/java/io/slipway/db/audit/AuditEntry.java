package io.slipway.db.audit;

import io.slipway.db.Row;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A line of the audit log.
 *
 * @param action its wire name; a newer version may have written one that {@link AuditAction} lacks
 * @param details a JSON object of texts
 * @param actorKind wire name of {@link Actor.Kind}
 */
public record AuditEntry(
        String id,
        Instant at,
        String action,
        @Nullable String project,
        @Nullable String object,
        String details,
        int repeated,
        String actorKind,
        @Nullable String actor,
        @Nullable String actorName,
        @Nullable String address,
        @Nullable String request) {

    static AuditEntry from(Row row) {
        return new AuditEntry(
                row.text("id"),
                row.time("at"),
                row.text("action"),
                row.textOrNull("project"),
                row.textOrNull("object"),
                row.text("details"),
                row.integer("repeated"),
                row.text("actor_kind"),
                row.textOrNull("actor"),
                row.textOrNull("actor_name"),
                row.textOrNull("address"),
                row.textOrNull("request"));
    }
}
