package io.slipway.db.access;

import io.slipway.db.Database;
import io.slipway.db.Row;
import io.slipway.db.audit.AuditAction;
import io.slipway.db.audit.AuditLog;
import java.time.Instant;
import java.util.Optional;

/** What the builds of projects may do. Thread-safe. */
public final class Policies {
    private final Database database;

    /** @param database migrated */
    public Policies(Database database) {
        this.database = database;
    }

    /**
     * What was set for a project.
     *
     * @param document JSON
     * @param updatedBy id of the token or identity that has set it
     */
    public record Stored(String document, Instant updatedAt, String updatedBy) {
        private static Stored from(Row row) {
            return new Stored(row.text("document"), row.time("updated_at"), row.text("updated_by"));
        }
    }

    /** The policy of a project; empty if none was set. */
    public Optional<Stored> find(String project) {
        // Index: primary key.
        return database.first(
                "select document, updated_at, updated_by from project_policies where project = ?",
                Stored::from,
                project);
    }

    /**
     * Sets the policy of a project.
     *
     * @param document JSON
     * @throws NoSuchProjectException if there is no such project
     */
    public Stored put(String project, String document, String updatedBy) {
        return database.inTransaction(transaction -> {
            Stored stored = transaction
                    .first("""
                        insert into project_policies (project, document, updated_by)
                        select name, ?::jsonb, ? from projects where name = ? and deleted_at is null
                        on conflict (project) do update
                        set document = excluded.document, updated_at = clock_timestamp(), updated_by = excluded.updated_by
                        returning document, updated_at, updated_by
                        """, Stored::from, document, updatedBy, project)
                    .orElseThrow(() -> new NoSuchProjectException(project));
            AuditLog.note(transaction, AuditAction.POLICY_SET, project, null);
            return stored;
        });
    }
}
