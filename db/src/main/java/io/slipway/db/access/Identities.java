package io.slipway.db.access;

import io.slipway.db.Database;
import io.slipway.db.SortedIds;
import io.slipway.db.audit.AuditAction;
import io.slipway.db.audit.AuditLog;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Whom projects trust without a token of Slipway's. Thread-safe. */
public final class Identities {
    /** How many a project may have. */
    public static final int MOST = 100;

    private static final SortedIds IDS = new SortedIds("idn_");

    private final Database database;

    /** @param database migrated */
    public Identities(Database database) {
        this.database = database;
    }

    /** A new id for an identity that is made now. */
    public static String newId(Instant now) {
        return IDS.create(now);
    }

    /** Whether any project trusts somebody of this issuer's. */
    public boolean knows(String issuer) {
        // Index: identities_by_issuer.
        return database.inTransaction(transaction -> transaction
                .first(
                        "select true as known from identities where issuer = ? limit 1",
                        row -> row.flag("known"),
                        issuer)
                .isPresent());
    }

    /** All identities of this issuer for one of these audiences. */
    public List<Identity> of(String issuer, Collection<String> audiences) {
        // Index: identities_by_issuer.
        return database.inTransaction(transaction -> transaction.list(
                "select " + Identity.COLUMNS + " from identities where issuer = ? and audience = any (?)",
                Identity::from,
                issuer,
                List.copyOf(audiences)));
    }

    /** Notes that somebody came with these identities, unless that is noted of the last minute. */
    public void used(Collection<String> ids) {
        database.run(transaction -> transaction.update("""
                update identities set last_used_at = clock_timestamp()
                where id = any (?) and (last_used_at is null or last_used_at < clock_timestamp() - interval '1 minute')
                """, List.copyOf(ids)));
    }

    /**
     * Stores an identity, which has a project.
     *
     * @return as stored, or empty if the project has {@link #MOST} already
     * @throws NoSuchProjectException if there is no such project
     */
    public Optional<Identity> add(Identity identity) {
        return database.inTransaction(transaction -> {
            // The lock lets one in at a time, so that they can be counted, and waits for whoever is deleting the
            // project.
            String project = transaction
                    .first(
                            "select name from projects where name = ? and deleted_at is null for no key update",
                            row -> row.text("name"),
                            identity.project())
                    .orElseThrow(() -> new NoSuchProjectException(String.valueOf(identity.project())));
            Optional<Identity> made = transaction.first(
                    """
                    insert into identities
                        (id, name, project, role, issuer, audience, claim_names, claim_values, created_by)
                    select ?, ?, ?, ?, ?, ?, ?, ?, ?
                    where (select count(*) from identities where project = ?) < ?
                    returning\s""" + Identity.COLUMNS,
                    Identity::from,
                    identity.id(),
                    identity.name(),
                    project,
                    identity.role().wireName(),
                    identity.issuer(),
                    identity.audience(),
                    List.copyOf(identity.claims().keySet()),
                    List.copyOf(identity.claims().values()),
                    identity.createdBy(),
                    project,
                    MOST);
            made.ifPresent(added -> AuditLog.note(
                    transaction,
                    AuditAction.IDENTITY_CREATED,
                    project,
                    added.id(),
                    Map.of(
                            "name", added.name(),
                            "role", added.role().wireName(),
                            "issuer", added.issuer(),
                            "audience", added.audience(),
                            "claims", added.claims().toString())));
            return made;
        });
    }

    /**
     * The identities of a project, oldest first.
     *
     * @param after only those behind this id; empty for the first
     * @param limit at most so many
     */
    public List<Identity> list(String project, String after, int limit) {
        // Index: identities_by_project.
        return database.inTransaction(transaction -> transaction.list(
                "select " + Identity.COLUMNS + " from identities where project = ? and id > ? order by id limit ?",
                Identity::from,
                project,
                after,
                limit));
    }

    /** The identity of that id, unless it is another project's. */
    public Optional<Identity> find(String project, String id) {
        return database.inTransaction(transaction -> transaction.first(
                "select " + Identity.COLUMNS + " from identities where id = ? and project = ?",
                Identity::from,
                id,
                project));
    }

    /** Removes an identity; from the commit on nobody gets in with it. Returns false if there is none. */
    public boolean remove(String project, String id) {
        return database.inTransaction(transaction -> {
            boolean removed =
                    transaction.update("delete from identities where id = ? and project = ?", id, project) == 1;
            if (removed) {
                AuditLog.note(transaction, AuditAction.IDENTITY_DELETED, project, id);
            }
            return removed;
        });
    }
}
