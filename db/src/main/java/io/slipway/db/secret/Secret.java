package io.slipway.db.secret;

import io.slipway.db.Row;
import java.time.Instant;

/**
 * A secret of a project, without its value.
 *
 * @param id {@code sec_…}
 * @param version 1 for the first value that the name had, and one more for each later one
 * @param createdAt since when it has this value
 * @param createdBy id of the token or identity that gave it this value
 */
public record Secret(String id, String project, String name, int version, Instant createdAt, String createdBy) {
    static final String COLUMNS = "id, project, name, version, created_at, created_by";

    static Secret from(Row row) {
        return new Secret(
                row.text("id"),
                row.text("project"),
                row.text("name"),
                row.integer("version"),
                row.time("created_at"),
                row.text("created_by"));
    }
}
