package io.slipway.db.audit;

import io.slipway.db.Database;
import io.slipway.db.SortedIds;
import io.slipway.db.Transaction;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The audit log, which is only added to; a trigger of the database holds it to that. Thread-safe. */
public final class AuditLog {
    private static final SortedIds IDS = new SortedIds("aud_");

    private final Database database;

    /** @param database migrated */
    public AuditLog(Database database) {
        this.database = database;
    }

    /** {@link #note(Transaction, AuditAction, String, String, Map)} without details. */
    public static void note(
            Transaction transaction, AuditAction action, @Nullable String project, @Nullable String object) {
        note(transaction, action, project, object, Map.of());
    }

    /**
     * Notes, in the transaction that does it, what whoever acts on this thread ({@link Actor#current}) does.
     *
     * @param project whose the object is; null: the whole service's
     * @param object id or name of what it is done to, or null if the action says it
     * @param details what else there is to know; never anything that is confidential
     */
    public static void note(
            Transaction transaction,
            AuditAction action,
            @Nullable String project,
            @Nullable String object,
            Map<String, String> details) {
        insert(transaction, AuditNote.of(action, project, object, details));
    }

    /** {@link #note} for what is done elsewhere than in the database. */
    public void add(
            AuditAction action, @Nullable String project, @Nullable String object, Map<String, String> details) {
        add(List.of(AuditNote.of(action, project, object, details)));
    }

    /** Writes down what others have done. */
    public void add(List<AuditNote> notes) {
        database.run(transaction -> notes.forEach(note -> insert(transaction, note)));
    }

    private static void insert(Transaction transaction, AuditNote note) {
        Actor actor = note.actor();
        transaction.update(
                """
                insert into audit_entries
                    (id, action, project, object, details, repeated, actor_kind, actor, actor_name, address, request)
                values (?, ?, ?, ?, jsonb_object(?::text[], ?::text[]), ?, ?, ?, ?, ?, ?)
                """,
                IDS.create(Instant.now()),
                note.action().wireName(),
                note.project(),
                note.object(),
                List.copyOf(note.details().keySet()),
                List.copyOf(note.details().values()),
                note.repeated(),
                actor.kind().wireName(),
                actor.id(),
                actor.name(),
                actor.address(),
                actor.request());
        transaction.announce(note);
    }

    /**
     * Entries, newest first.
     *
     * @param before only those that are older than the one of this id; empty for the first
     * @param limit at most so many
     */
    public List<AuditEntry> list(AuditFilter filter, String before, int limit) {
        // Indexes: audit_entries_by_project, audit_entries_by_actor, audit_entries_by_time, primary key; which one is
        // Postgres' to choose.
        return database.inTransaction(transaction -> transaction.list(
                """
                select * from audit_entries
                where (?::text is null or project = ?) and (?::text is null or actor = ?)
                  and (?::text[] is null or action = any (?))
                  and (?::timestamptz is null or at >= ?) and (?::timestamptz is null or at < ?)
                  and (? = '' or id < ?)
                order by id desc limit ?
                """,
                AuditEntry::from,
                filter.project(),
                filter.project(),
                filter.actor(),
                filter.actor(),
                filter.actionNames(),
                filter.actionNames(),
                filter.since(),
                filter.since(),
                filter.until(),
                filter.until(),
                before,
                before,
                limit));
    }

    /**
     * Removes old entries.
     *
     * @param age how old they are at least; a day, which the database insists on, or more
     * @param refusals how old refusals of access are at least, of which anybody can cause many
     * @param limit at most so many
     * @return how many were removed
     */
    public int removeOld(Duration age, Duration refusals, int limit) {
        // Index: audit_entries_by_time.
        return database.inTransaction(transaction -> transaction.update(
                """
                delete from audit_entries where id in (
                    select id from audit_entries
                    where at < clock_timestamp() - ? * interval '1 millisecond'
                       or (action = ? and at < clock_timestamp() - ? * interval '1 millisecond')
                    order by at limit ?)
                """, age.toMillis(), AuditAction.ACCESS_REFUSED.wireName(), refusals.toMillis(), limit));
    }
}
