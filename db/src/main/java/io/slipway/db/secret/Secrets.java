package io.slipway.db.secret;

import io.slipway.db.Database;
import io.slipway.db.SortedIds;
import io.slipway.db.Transaction;
import io.slipway.db.access.NoSuchProjectException;
import io.slipway.db.audit.AuditAction;
import io.slipway.db.audit.AuditLog;
import io.slipway.db.build.BuildId;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Secrets of projects, and who got them. Those that were deleted are not seen by any method that does not say so. Thread-safe. */
public final class Secrets {
    /** How many a project may have. */
    public static final int MOST = 1000;

    private static final SortedIds IDS = new SortedIds("sec_");

    private final Database database;

    /** @param database migrated */
    public Secrets(Database database) {
        this.database = database;
    }

    /**
     * Gives a secret its first value, or another one; the one before is gone.
     *
     * @param seal encrypts the value for the secret as it then is
     * @return as stored, or empty if it would be a new one and the project has {@link #MOST} already
     * @throws NoSuchProjectException if there is no such project
     */
    public Optional<Secret> put(
            String project, String name, String createdBy, Instant now, Function<Secret, String> seal) {
        return database.inTransaction(transaction -> {
            // The lock lets one in at a time, so that they can be counted, and waits for whoever is deleting the
            // project.
            boolean known = transaction
                    .first(
                            "select true as known from projects where name = ? and deleted_at is null for no key update",
                            row -> row.flag("known"),
                            project)
                    .isPresent();
            if (!known) {
                throw new NoSuchProjectException(project);
            }
            // Index: secrets_project_name_key.
            Optional<Secret> changed =
                    transaction.first("""
                    update secrets set version = version + 1, sealed = null, created_at = clock_timestamp(), created_by = ?
                    where project = ? and name = ?
                      and (sealed is not null
                           or (select count(*) from secrets where project = ? and sealed is not null) < ?)
                    returning\s""" + Secret.COLUMNS, Secret::from, createdBy, project, name, project, MOST);
            Optional<Secret> stored = changed.isPresent()
                    ? changed
                    : transaction.first(
                            """
                            insert into secrets (id, project, name, created_by)
                            select ?, ?, ?, ?
                            where (select count(*) from secrets where project = ? and sealed is not null) < ?
                              and not exists (select from secrets where project = ? and name = ?)
                            returning\s""" + Secret.COLUMNS,
                            Secret::from,
                            IDS.create(now),
                            project,
                            name,
                            createdBy,
                            project,
                            MOST,
                            project,
                            name);
            stored.ifPresent(secret -> {
                transaction.update("update secrets set sealed = ? where id = ?", seal.apply(secret), secret.id());
                AuditLog.note(
                        transaction,
                        AuditAction.SECRET_SET,
                        project,
                        name,
                        Map.of("version", Integer.toString(secret.version())));
            });
            return stored;
        });
    }

    /**
     * The secrets of a project, by name.
     *
     * @param after only those behind this name; empty for the first
     * @param limit at most so many
     */
    public List<Secret> list(String project, String after, int limit) {
        // Index: secrets_project_name_key.
        return database.inTransaction(transaction -> transaction.list(
                "select " + Secret.COLUMNS
                        + " from secrets where project = ? and sealed is not null and name > ? order by name limit ?",
                Secret::from,
                project,
                after,
                limit));
    }

    /** The names of all secrets of a project. */
    public List<String> names(String project) {
        return list(project, "", MOST).stream().map(Secret::name).toList();
    }

    /** The secret of that name. */
    public Optional<Secret> find(String project, String name) {
        // Index: secrets_project_name_key.
        return database.inTransaction(transaction -> transaction.first(
                "select " + Secret.COLUMNS + " from secrets where project = ? and name = ? and sealed is not null",
                Secret::from,
                project,
                name));
    }

    /** Deletes a secret: from the commit on no build gets it, and its value is nowhere. Returns false if there is none. */
    public boolean delete(String project, String name) {
        return database.inTransaction(transaction -> {
            boolean deleted = transaction.update(
                            "update secrets set sealed = null where project = ? and name = ? and sealed is not null",
                            project,
                            name)
                    == 1;
            if (deleted) {
                AuditLog.note(transaction, AuditAction.SECRET_DELETED, project, name);
            }
            return deleted;
        });
    }

    /**
     * The values of secrets for a build, whose use is noted: in one transaction, so nobody has one of which that is not known.
     *
     * @param names each once
     * @return those that are there; if any is not, no use is noted
     */
    public List<SealedSecret> use(String project, Collection<String> names, BuildId build, int attempt) {
        return database.inTransaction(transaction -> {
            List<SealedSecret> found = values(transaction, project, names);
            if (found.size() == names.size()) {
                transaction.batch(
                        """
                        insert into secret_uses (project, name, version, build_id, attempt) values (?, ?, ?, ?, ?)
                        """,
                        found.stream()
                                .map(value -> new @Nullable Object[] {
                                    project,
                                    value.secret().name(),
                                    value.secret().version(),
                                    build.value(),
                                    attempt
                                })
                                .toList());
            }
            return found;
        });
    }

    private static List<SealedSecret> values(Transaction transaction, String project, Collection<String> names) {
        // Index: secrets_project_name_key.
        return transaction.list(
                "select " + Secret.COLUMNS + ", sealed from secrets"
                        + " where project = ? and name = any (?) and sealed is not null order by name",
                row -> new SealedSecret(Secret.from(row), row.text("sealed")),
                project,
                List.copyOf(names));
    }

    /**
     * Who got a secret, the newest use first; also of one that was deleted.
     *
     * @param before only those before this number; {@link Long#MAX_VALUE} for the first
     * @param limit at most so many
     * @return empty if the project never had a secret of that name
     */
    public Optional<List<SecretUse>> uses(String project, String name, long before, int limit) {
        return database.inTransaction(transaction -> {
            boolean known = transaction
                    .first(
                            "select true as known from secrets where project = ? and name = ?",
                            row -> row.flag("known"),
                            project,
                            name)
                    .isPresent();
            // Index: secret_uses_by_secret.
            return known
                    ? Optional.of(transaction.list("""
                            select number, version, build_id, attempt, used_at from secret_uses
                            where project = ? and name = ? and number < ? order by number desc limit ?
                            """, SecretUse::from, project, name, before, limit))
                    : Optional.<List<SecretUse>>empty();
        });
    }
}
