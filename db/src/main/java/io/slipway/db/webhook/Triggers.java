package io.slipway.db.webhook;

import io.slipway.db.Database;
import io.slipway.db.SortedIds;
import io.slipway.db.access.NoSuchProjectException;
import io.slipway.db.audit.AuditAction;
import io.slipway.db.audit.AuditLog;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What starts builds when a git host says so. Those that were deleted are not seen by any method that does not say so. Thread-safe. */
public final class Triggers {
    /** How many a project may have. */
    public static final int MOST = 200;

    private static final SortedIds IDS = new SortedIds("trg_");

    private final Database database;

    /** @param database migrated */
    public Triggers(Database database) {
        this.database = database;
    }

    /** A new id for a trigger that is made now. */
    public static String newId(Instant now) {
        return IDS.create(now);
    }

    /** Whether a text has the form of a trigger's id. */
    public static boolean isId(String text) {
        return IDS.matches(text);
    }

    /**
     * Stores a trigger.
     *
     * @return as stored, or empty if the project has {@link #MOST} already
     * @throws NoSuchProjectException if there is no such project
     */
    public Optional<Trigger> add(NewTrigger trigger) {
        return database.inTransaction(transaction -> {
            // The lock lets one in at a time, so that they can be counted, and waits for whoever is deleting the
            // project.
            String project = transaction
                    .first(
                            "select name from projects where name = ? and deleted_at is null for no key update",
                            row -> row.text("name"),
                            trigger.project())
                    .orElseThrow(() -> new NoSuchProjectException(trigger.project()));
            Optional<Trigger> made = transaction.first(
                    """
                    insert into triggers (id, project, host, document, sealed, secret, created_by)
                    select ?, ?, ?, ?::jsonb, ?, ?, ?
                    where (select count(*) from triggers where project = ? and deleted_at is null) < ?
                    returning\s""" + Trigger.COLUMNS,
                    Trigger::from,
                    trigger.id(),
                    project,
                    trigger.host(),
                    trigger.document(),
                    trigger.sealed(),
                    trigger.secret(),
                    trigger.createdBy(),
                    project,
                    MOST);
            made.ifPresent(added -> AuditLog.note(
                    transaction, AuditAction.TRIGGER_CREATED, project, added.id(), Map.of("host", trigger.host())));
            return made;
        });
    }

    /**
     * The triggers of a project, oldest first.
     *
     * @param after only those behind this id; empty for the first
     * @param limit at most so many
     */
    public List<Trigger> list(String project, String after, int limit) {
        // Index: triggers_by_project.
        return database.inTransaction(transaction ->
                transaction.list("select " + Trigger.COLUMNS + """
                 from triggers where project = ? and deleted_at is null and id > ? order by id limit ?
                """, Trigger::from, project, after, limit));
    }

    /** The trigger of that id, unless it is another project's. */
    public Optional<Trigger> find(String project, String id) {
        return database.inTransaction(transaction -> transaction.first(
                "select " + Trigger.COLUMNS + " from triggers where id = ? and project = ? and deleted_at is null",
                Trigger::from,
                id,
                project));
    }

    /** The trigger of that id, whosever it is, for those who come with a signature. */
    public Optional<Trigger> find(String id) {
        return database.first(
                "select " + Trigger.COLUMNS + " from triggers where id = ? and deleted_at is null", Trigger::from, id);
    }

    /** Adds to what was refused at the addresses of triggers, by their ids. */
    public void addRefused(Map<String, Refused> refused) {
        // In one order, so that two services don't wait for each other.
        database.run(transaction -> transaction.batch(
                """
                update triggers set refused_count = refused_count + ?, refused_at = greatest(refused_at, ?) where id = ?
                """,
                refused.entrySet().stream()
                        .sorted(Map.Entry.comparingByKey())
                        .map(one -> new @Nullable Object[] {
                            one.getValue().count(), one.getValue().lastAt(), one.getKey()
                        })
                        .toList()));
    }

    /** What was refused at the address of a trigger; empty if nothing was. */
    public Optional<Refused> refused(String id) {
        return database.first(
                "select refused_count, refused_at from triggers where id = ? and refused_at is not null",
                row -> new Refused(row.number("refused_count"), row.time("refused_at")),
                id);
    }

    /**
     * A trigger's document.
     *
     * @param shown JSON as the API shows it
     * @param sealed the whole, encrypted
     */
    public record Document(String shown, String sealed) {}

    /**
     * Changes a trigger's document, one change at a time.
     *
     * @param change makes the new document of the trigger as it is; what it throws leaves all as it was
     * @return as stored, or empty if there is none
     */
    public Optional<Trigger> change(String project, String id, Function<Trigger, Document> change) {
        return database.inTransaction(transaction -> transaction
                .first(
                        "select " + Trigger.COLUMNS
                                + " from triggers where id = ? and project = ? and deleted_at is null for update",
                        Trigger::from,
                        id,
                        project)
                .flatMap(trigger -> {
                    Document document = change.apply(trigger);
                    AuditLog.note(transaction, AuditAction.TRIGGER_CHANGED, project, id);
                    return transaction.first(
                            """
                            update triggers set document = ?::jsonb, sealed = ?, updated_at = clock_timestamp() where id = ?
                            returning\s""" + Trigger.COLUMNS, Trigger::from, document.shown(), document.sealed(), id);
                }));
    }

    /**
     * Gives a trigger another secret; the one that it has is accepted, too, until it is dropped.
     *
     * @param secret encrypted
     * @return as stored, or empty if there is none
     */
    public Optional<Trigger> rotate(String project, String id, String secret) {
        return database.inTransaction(transaction -> {
            Optional<Trigger> changed = transaction.first("""
                    update triggers set previous_secret = secret, secret = ?, secret_created_at = clock_timestamp()
                    where id = ? and project = ? and deleted_at is null
                    returning\s""" + Trigger.COLUMNS, Trigger::from, secret, id, project);
            changed.ifPresent(_ -> AuditLog.note(transaction, AuditAction.TRIGGER_SECRET_REPLACED, project, id));
            return changed;
        });
    }

    /** Accepts the secret before the newest no more; false if there is no such trigger, or it has only one. */
    public boolean dropPrevious(String project, String id) {
        return database.inTransaction(transaction -> {
            boolean dropped = transaction.update("""
                            update triggers set previous_secret = null
                            where id = ? and project = ? and deleted_at is null and previous_secret is not null
                            """, id, project) == 1;
            if (dropped) {
                AuditLog.note(transaction, AuditAction.TRIGGER_PREVIOUS_SECRET_DROPPED, project, id);
            }
            return dropped;
        });
    }

    /** Deletes a trigger: from the commit on nothing is accepted for it. Returns false if there is none. */
    public boolean delete(String project, String id) {
        return database.inTransaction(transaction -> {
            boolean deleted = transaction.update("""
                            update triggers
                            set deleted_at = clock_timestamp(), sealed = null, secret = null, previous_secret = null
                            where id = ? and project = ? and deleted_at is null
                            """, id, project) == 1;
            if (deleted) {
                AuditLog.note(transaction, AuditAction.TRIGGER_DELETED, project, id);
            }
            return deleted;
        });
    }
}
