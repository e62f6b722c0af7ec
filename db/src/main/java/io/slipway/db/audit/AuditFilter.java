package io.slipway.db.audit;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which entries of the audit log somebody asks for.
 *
 * @param project only what was done to this project and to what belongs to it; null: everything
 * @param actor only what was done with the token, identity or trigger of this id; null: by anybody
 * @param actions only these; empty: all
 * @param since not before, or null
 * @param until before that, or null
 */
public record AuditFilter(
        @Nullable String project,
        @Nullable String actor,
        List<AuditAction> actions,
        @Nullable Instant since,
        @Nullable Instant until) {
    public AuditFilter {
        actions = List.copyOf(actions);
    }

    /** Null, which Postgres takes for any, if all are asked for. */
    @Nullable
    List<String> actionNames() {
        return actions.isEmpty()
                ? null
                : actions.stream().map(AuditAction::wireName).toList();
    }
}
