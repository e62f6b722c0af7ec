package io.slipway.db.webhook;

import io.slipway.db.Database;
import io.slipway.db.SortedIds;
import io.slipway.db.access.NoSuchProjectException;
import io.slipway.db.audit.AuditAction;
import io.slipway.db.audit.AuditLog;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Where registries tell projects that tags have moved. Thread-safe. */
public final class RegistryHooks {
    /** How many a project may have. */
    public static final int MOST = 50;

    private static final SortedIds IDS = new SortedIds("rgh_");

    private final Database database;

    /** @param database migrated */
    public RegistryHooks(Database database) {
        this.database = database;
    }

    /** A new id for a hook that is made now. */
    public static String newId(Instant now) {
        return IDS.create(now);
    }

    /**
     * Stores a hook.
     *
     * @return as stored, or empty if the project has {@link #MOST} already
     * @throws NoSuchProjectException if there is no such project
     */
    public Optional<RegistryHook> add(NewRegistryHook hook) {
        return database.inTransaction(transaction -> {
            // The lock lets one in at a time, so that they can be counted, and waits for whoever is deleting the
            // project.
            String project = transaction
                    .first(
                            "select name from projects where name = ? and deleted_at is null for no key update",
                            row -> row.text("name"),
                            hook.project())
                    .orElseThrow(() -> new NoSuchProjectException(hook.project()));
            // Index: registry_hooks_by_project.
            Optional<RegistryHook> made = transaction.first(
                    """
                    insert into registry_hooks (id, project, name, host, secret, created_by)
                    select ?, ?, ?, ?, ?, ?
                    where (select count(*) from registry_hooks where project = ?) < ?
                    returning *
                    """,
                    RegistryHook::from,
                    hook.id(),
                    project,
                    hook.name(),
                    hook.host(),
                    hook.secret(),
                    hook.createdBy(),
                    project,
                    MOST);
            made.ifPresent(added -> AuditLog.note(transaction, AuditAction.REGISTRY_HOOK_CREATED, project, added.id()));
            return made;
        });
    }

    /**
     * The hooks of a project, oldest first.
     *
     * @param after only those behind this id; empty for the first
     * @param limit at most so many
     */
    public List<RegistryHook> list(String project, String after, int limit) {
        // Index: registry_hooks_by_project.
        return database.inTransaction(transaction -> transaction.list(
                "select * from registry_hooks where project = ? and id > ? order by id limit ?",
                RegistryHook::from,
                project,
                after,
                limit));
    }

    /** The hook of that id, unless it is another project's. */
    public Optional<RegistryHook> find(String project, String id) {
        return database.inTransaction(transaction -> transaction.first(
                "select * from registry_hooks where id = ? and project = ?", RegistryHook::from, id, project));
    }

    /** The hook of that id, whosever it is, for those who come with a proof. */
    public Optional<RegistryHook> find(String id) {
        return database.inTransaction(
                transaction -> transaction.first("select * from registry_hooks where id = ?", RegistryHook::from, id));
    }

    /** Notes that something was received. */
    public void received(String id) {
        database.run(transaction ->
                transaction.update("update registry_hooks set last_received_at = clock_timestamp() where id = ?", id));
    }

    /** Deletes a hook: from the commit on nothing is accepted for it. Returns false if there is none. */
    public boolean delete(String project, String id) {
        return database.inTransaction(transaction -> {
            boolean deleted =
                    transaction.update("delete from registry_hooks where id = ? and project = ?", id, project) == 1;
            if (deleted) {
                AuditLog.note(transaction, AuditAction.REGISTRY_HOOK_DELETED, project, id);
            }
            return deleted;
        });
    }
}
