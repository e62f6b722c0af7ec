package io.slipway.db.access;

import io.slipway.db.Row;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A bearer token; what it grants, never the token itself.
 *
 * @param id {@code tok_…}
 * @param name for people
 * @param project the only project that it is good for, or null for every one
 * @param role what it may do there
 * @param prefix the first characters of the token, by which people recognise it; may be empty
 * @param createdBy who made it, or null for the service itself
 * @param expiresAt from when it is not valid any more, or null
 * @param lastUsedAt when it was used last, to the minute or so, or null
 */
public record Token(
        String id,
        String name,
        @Nullable String project,
        Role role,
        String prefix,
        Instant createdAt,
        @Nullable String createdBy,
        @Nullable Instant expiresAt,
        @Nullable Instant lastUsedAt) {
    static final String COLUMNS = "id, name, project, role, prefix, created_at, created_by, expires_at, last_used_at";

    static Token from(Row row) {
        return new Token(
                row.text("id"),
                row.text("name"),
                row.textOrNull("project"),
                Role.stored(row.text("role")),
                row.text("prefix"),
                row.time("created_at"),
                row.textOrNull("created_by"),
                row.timeOrNull("expires_at"),
                row.timeOrNull("last_used_at"));
    }
}
