package io.slipway.db.secret;

import io.slipway.db.Row;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Who a project's builds are at a registry, without what proves it.
 *
 * @param id {@code crd_…}
 * @param host {@code host[:port]} as in image references
 * @param repository for this one and those below it; empty for all of the host
 * @param username user name, or null where what is encrypted is a token
 * @param createdAt since when it is as it is
 * @param createdBy id of the token or identity that has set it
 */
public record RegistryCredential(
        String id,
        String project,
        String host,
        String repository,
        @Nullable String username,
        Instant createdAt,
        String createdBy) {
    static final String COLUMNS = "id, project, host, repository, username, created_at, created_by";

    static RegistryCredential from(Row row) {
        return new RegistryCredential(
                row.text("id"),
                row.text("project"),
                row.text("host"),
                row.text("repository"),
                row.textOrNull("username"),
                row.time("created_at"),
                row.text("created_by"));
    }
}
