package io.slipway.db.secret;

import io.slipway.db.Database;
import io.slipway.db.SortedIds;
import io.slipway.db.Transaction;
import io.slipway.db.access.NoSuchProjectException;
import io.slipway.db.audit.AuditAction;
import io.slipway.db.audit.AuditLog;
import io.slipway.db.build.BuildId;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Who the builds of projects are at registries: one for each host, or repository of a host, of a project. Thread-safe. */
public final class RegistryCredentials {
    /** How many a project may have. */
    public static final int MOST = 200;

    private static final SortedIds IDS = new SortedIds("crd_");

    private final Database database;

    /** @param database migrated */
    public RegistryCredentials(Database database) {
        this.database = database;
    }

    /**
     * Stores a credential, in the place of one for the same host and repository.
     *
     * @param credential without id and time, which are given here
     * @param sealed password or token, encrypted
     * @return as stored, or empty if it would be a new one and the project has {@link #MOST} already
     * @throws NoSuchProjectException if there is no such project
     */
    public Optional<Stored> put(RegistryCredential credential, String sealed, Instant now) {
        return database.inTransaction(transaction -> {
            // The lock lets one in at a time, so that they can be counted, and waits for whoever is deleting the
            // project.
            String project = transaction
                    .first(
                            "select name from projects where name = ? and deleted_at is null for no key update",
                            row -> row.text("name"),
                            credential.project())
                    .orElseThrow(() -> new NoSuchProjectException(credential.project()));
            // Index: registry_credentials_project_host_repository_key.
            Optional<RegistryCredential> changed = transaction.first(
                    """
                    update registry_credentials
                    set username = ?, sealed = ?, created_at = clock_timestamp(), created_by = ?
                    where project = ? and host = ? and repository = ?
                    returning\s""" + RegistryCredential.COLUMNS,
                    RegistryCredential::from,
                    credential.username(),
                    sealed,
                    credential.createdBy(),
                    project,
                    credential.host(),
                    credential.repository());
            if (changed.isPresent()) {
                return changed.map(known -> noted(transaction, new Stored(known, false)));
            }
            return transaction
                    .first(
                            """
                            insert into registry_credentials (id, project, host, repository, username, sealed, created_by)
                            select ?, ?, ?, ?, ?, ?, ?
                            where (select count(*) from registry_credentials where project = ?) < ?
                            returning\s""" + RegistryCredential.COLUMNS,
                            RegistryCredential::from,
                            IDS.create(now),
                            project,
                            credential.host(),
                            credential.repository(),
                            credential.username(),
                            sealed,
                            credential.createdBy(),
                            project,
                            MOST)
                    .map(made -> noted(transaction, new Stored(made, true)));
        });
    }

    private static Stored noted(Transaction transaction, Stored stored) {
        RegistryCredential credential = stored.credential();
        AuditLog.note(
                transaction,
                AuditAction.REGISTRY_CREDENTIAL_SET,
                credential.project(),
                credential.id(),
                Map.of("host", credential.host(), "repository", credential.repository()));
        return stored;
    }

    /**
     * A credential that was stored.
     *
     * @param isNew whether there was none for its host and repository
     */
    public record Stored(RegistryCredential credential, boolean isNew) {}

    /**
     * The credentials of a project, oldest first.
     *
     * @param after only those behind this id; empty for the first
     * @param limit at most so many
     */
    public List<RegistryCredential> list(String project, String after, int limit) {
        // Index: registry_credentials_project_host_repository_key; of a project there are a few.
        return database.inTransaction(transaction -> transaction.list(
                "select " + RegistryCredential.COLUMNS
                        + " from registry_credentials where project = ? and id > ? order by id limit ?",
                RegistryCredential::from,
                project,
                after,
                limit));
    }

    /** The credential of that id, unless it is another project's. */
    public Optional<RegistryCredential> find(String project, String id) {
        return database.inTransaction(transaction -> transaction.first(
                "select " + RegistryCredential.COLUMNS + " from registry_credentials where id = ? and project = ?",
                RegistryCredential::from,
                id,
                project));
    }

    /** Removes a credential; from the commit on no build gets it. Returns false if there is none. */
    public boolean remove(String project, String id) {
        return database.inTransaction(transaction -> {
            boolean removed =
                    transaction.update("delete from registry_credentials where id = ? and project = ?", id, project)
                            == 1;
            if (removed) {
                AuditLog.note(transaction, AuditAction.REGISTRY_CREDENTIAL_DELETED, project, id);
            }
            return removed;
        });
    }

    /** All credentials of a project with what proves them, for the service itself. */
    public List<SealedCredential> sealed(String project) {
        return database.inTransaction(transaction -> all(transaction, project));
    }

    /**
     * The same for a build's worker, which is noted in the same transaction.
     *
     * @param attempt of the build
     */
    public List<SealedCredential> use(String project, BuildId build, int attempt) {
        return database.inTransaction(transaction -> {
            List<SealedCredential> found = all(transaction, project);
            if (!found.isEmpty()) {
                AuditLog.note(
                        transaction,
                        AuditAction.REGISTRY_CREDENTIAL_USED,
                        project,
                        build.value(),
                        Map.of(
                                "attempt",
                                Integer.toString(attempt),
                                "credentials",
                                found.stream()
                                        .map(each -> each.credential().id())
                                        .collect(Collectors.joining(" "))));
            }
            return found;
        });
    }

    private static List<SealedCredential> all(Transaction transaction, String project) {
        // Index: registry_credentials_project_host_repository_key.
        return transaction.list(
                "select " + RegistryCredential.COLUMNS
                        + ", sealed from registry_credentials where project = ? order by host, repository",
                row -> new SealedCredential(RegistryCredential.from(row), row.text("sealed")),
                project);
    }
}
