package io.slipway.db.access;

import io.slipway.db.Database;
import io.slipway.db.Transaction;
import io.slipway.db.audit.AuditAction;
import io.slipway.db.audit.AuditLog;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** The tenants. Those that were deleted are not seen by any method that does not say so. Thread-safe. */
public final class Projects {
    /** The project of builds that name none. */
    public static final String DEFAULT = "default";

    private static final String COLUMNS = "name, description, created_at, created_by";

    private final Database database;

    /** @param database migrated */
    public Projects(Database database) {
        this.database = database;
    }

    /** Whether there is a project of that name. */
    public boolean exists(String name) {
        return database.inTransaction(transaction -> transaction
                .first(
                        "select true as known from projects where name = ? and deleted_at is null",
                        row -> row.flag("known"),
                        name)
                .isPresent());
    }

    /** The project of that name. */
    public Optional<Project> find(String name) {
        return database.inTransaction(transaction -> find(transaction, name));
    }

    private static Optional<Project> find(Transaction transaction, String name) {
        return transaction.first(
                "select " + COLUMNS + " from projects where name = ? and deleted_at is null", Project::from, name);
    }

    /**
     * Projects by name.
     *
     * @param scope only these
     * @param after only those behind this name; empty for the first
     * @param limit at most so many
     */
    public List<Project> list(Scope scope, String after, int limit) {
        // Index: primary key.
        return database.inTransaction(transaction ->
                transaction.list("""
                select %s from projects
                where deleted_at is null and (?::text[] is null or name = any (?)) and name > ?
                order by name limit ?
                """.formatted(COLUMNS), Project::from, scope.names(), scope.names(), after, limit));
    }

    /** Makes a project. */
    public CreateOutcome create(String name, @Nullable String description, String createdBy) {
        return database.inTransaction(transaction -> {
            boolean created = transaction.update("""
                            insert into projects (name, description, created_by) values (?, ?, ?)
                            on conflict (name) do nothing
                            """, name, description, createdBy) == 1;
            if (created) {
                transaction.update("insert into project_queues (project) values (?)", name);
                AuditLog.note(transaction, AuditAction.PROJECT_CREATED, name, name);
                return CreateOutcome.CREATED;
            }
            return find(transaction, name).isPresent() ? CreateOutcome.EXISTS : CreateOutcome.RETIRED;
        });
    }

    /**
     * The limits that a project has of its own, or empty if there is no such project. Those of unknown names, which a newer version has
     * written, are left out.
     */
    public Optional<ProjectLimits> limits(String name) {
        // Indexes: primary keys.
        return database.first("""
                select array(select l.name || '=' || l.value from project_limits l where l.project = p.name) as limits
                from projects p where p.name = ? and p.deleted_at is null
                """, row -> ProjectLimits.of(row.texts("limits")), name);
    }

    /** The limits that projects have of their own, by project; those without are not in it. */
    public Map<String, ProjectLimits> limits(Collection<String> names) {
        return database.inTransaction(transaction -> limits(transaction, List.copyOf(names)));
    }

    private static Map<String, ProjectLimits> limits(Transaction transaction, List<String> names) {
        Map<String, Map<ProjectLimit, Long>> values = new HashMap<>();
        transaction.list(
                "select project, name, value from project_limits where project = any (?)",
                row -> ProjectLimit.parse(row.text("name"))
                        .map(limit -> values.computeIfAbsent(
                                        row.text("project"), _ -> new EnumMap<>(ProjectLimit.class))
                                .put(limit, row.number("value"))),
                names);
        Map<String, ProjectLimits> limits = new HashMap<>();
        values.forEach((project, own) -> limits.put(project, new ProjectLimits(own)));
        return limits;
    }

    /**
     * Changes a project.
     *
     * @param change what; nothing is changed if there is no such project
     * @return the project as it is then, or empty if there is none
     */
    public Optional<Project> change(String name, ProjectChange change) {
        return database.inTransaction(transaction -> {
            // The lock keeps out two changes at once and the project's deletion.
            boolean known = transaction
                    .first(
                            "select true as known from projects where name = ? and deleted_at is null for no key update",
                            row -> row.flag("known"),
                            name)
                    .isPresent();
            if (!known) {
                return Optional.<Project>empty();
            }
            if (change.describes()) {
                transaction.update("update projects set description = ? where name = ?", change.description(), name);
            }
            change.limits().forEach((limit, value) -> setLimit(transaction, name, limit, value));
            AuditLog.note(transaction, AuditAction.PROJECT_CHANGED, name, name, changed(change));
            return find(transaction, name);
        });
    }

    /** What there is to know of a change: each limit that is set, and what it is set to. */
    private static Map<String, String> changed(ProjectChange change) {
        Map<String, String> changed = new HashMap<>();
        if (change.describes()) {
            changed.put("description", String.valueOf(change.description()));
        }
        change.limits()
                .forEach((limit, value) -> changed.put(
                        "limits." + limit.wireName(), value.isEmpty() ? "null" : Long.toString(value.getAsLong())));
        return changed;
    }

    private static void setLimit(Transaction transaction, String project, ProjectLimit limit, OptionalLong value) {
        if (value.isEmpty()) {
            transaction.update("delete from project_limits where project = ? and name = ?", project, limit.wireName());
        } else {
            transaction.update("""
                    insert into project_limits (project, name, value) values (?, ?, ?)
                    on conflict (project, name) do update set value = excluded.value
                    """, project, limit.wireName(), value.getAsLong());
        }
    }

    /**
     * Deletes a project that has no builds to do: its tokens, identities, triggers, webhooks, registry hooks and secrets are not valid any more, and
     * nobody sees it. Its finished builds
     * stay until {@link #purge}.
     *
     * @param deletedBy who does
     */
    public DeleteOutcome delete(String name, String deletedBy) {
        return database.inTransaction(transaction -> {
            // The lock keeps out builds that are being submitted: they hold the row FOR KEY SHARE until they are there
            // to be counted.
            boolean known = transaction
                    .first(
                            "select true as known from projects where name = ? and deleted_at is null for update",
                            row -> row.flag("known"),
                            name)
                    .isPresent();
            if (!known) {
                return DeleteOutcome.UNKNOWN;
            }
            if (isBusy(transaction, name)) {
                return DeleteOutcome.BUSY;
            }
            transaction.update("update projects set deleted_at = clock_timestamp() where name = ?", name);
            AuditLog.note(transaction, AuditAction.PROJECT_DELETED, name, name);
            transaction.update("""
                    update tokens set revoked_at = clock_timestamp(), revoked_by = ?
                    where project = ? and revoked_at is null
                    """, deletedBy, name);
            transaction.update("delete from identities where project = ?", name);
            transaction.update("update secrets set sealed = null where project = ?", name);
            transaction.update("delete from registry_credentials where project = ?", name);
            transaction.update("delete from project_policies where project = ?", name);
            transaction.update("delete from webhooks where project = ?", name); // with what was said to them
            transaction.update("delete from registry_hooks where project = ?", name);
            transaction.update("""
                    update triggers
                    set deleted_at = clock_timestamp(), sealed = null, secret = null, previous_secret = null
                    where project = ? and deleted_at is null
                    """, name);
            return DeleteOutcome.DELETED;
        });
    }

    private static boolean isBusy(Transaction transaction, String name) {
        // Indexes: builds_claimable, builds_running_by_project: few rows whatever the history.
        return transaction.first("""
                        select exists (select from builds where state = 'queued' and context_path is not null and project = ?)
                            or exists (select from builds where state = 'running' and project = ?) as busy
                        """, row -> row.flag("busy"), name, name).orElse(true);
    }

    /** Projects that were deleted and of which something may still be there. */
    public List<String> unpurged() {
        // Index: projects_unpurged.
        return database.inTransaction(transaction -> transaction.list(
                "select name from projects where deleted_at is not null and purged_at is null order by name",
                row -> row.text("name")));
    }

    /**
     * Removes builds, with their logs, of a project that was deleted, whose files are gone already.
     *
     * @param home of the service that asks; builds of others go 30 days after their end, if those have not removed their files
     * @param limit at most so many
     * @return how many were removed; of a project that was not deleted, none
     */
    public int purge(String name, String home, int limit) {
        // Index: builds_by_project. Steps, warnings, bases and log entries go with their build.
        return database.inTransaction(transaction -> transaction.update("""
                delete from builds where id in (
                    select id from builds
                    where project = (select name from projects where name = ? and deleted_at is not null)
                      and (files_swept_at is not null
                           or home <> ? and finished_at < clock_timestamp() - interval '30 days')
                    limit ?)
                """, name, home, limit));
    }

    /** Notes that nothing is left of a project that was deleted; false if builds of it are still there. */
    public boolean purged(String name) {
        return database.inTransaction(transaction -> {
            boolean purged = transaction.update("""
                            update projects set purged_at = clock_timestamp()
                            where name = ? and deleted_at is not null
                              and not exists (select from builds where project = ?)
                            """, name, name) == 1;
            if (purged) {
                // Indexes: secret_uses_by_secret, secrets_project_name_key.
                transaction.update("delete from secret_uses where project = ?", name);
                transaction.update("delete from secrets where project = ?", name);
            }
            return purged;
        });
    }
}
