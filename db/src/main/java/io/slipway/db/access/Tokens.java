package io.slipway.db.access;

import io.slipway.db.Database;
import io.slipway.db.SortedIds;
import io.slipway.db.Transaction;
import io.slipway.db.access.PresentedToken.State;
import io.slipway.db.audit.AuditAction;
import io.slipway.db.audit.AuditLog;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Bearer tokens, of which only the SHA-256 is kept. Thread-safe. */
public final class Tokens {
    /** How many tokens that are not revoked a project may have, and how many there may be for all projects. */
    public static final int MOST = 1000;

    /** Tokens that are not valid any more are kept for so long, so that whoever comes with one is told why. */
    private static final String KEPT = "interval '30 days'";

    private static final SortedIds IDS = new SortedIds("tok_");

    private final Database database;

    /** @param database migrated */
    public Tokens(Database database) {
        this.database = database;
    }

    /** What the time is by the database's clock, by which tokens expire. */
    public Instant now() {
        return database.first("select clock_timestamp() as now", row -> row.time("now"))
                .orElseThrow();
    }

    /** A new id for a token that is made now. */
    public static String newId(Instant now) {
        return IDS.create(now);
    }

    /** The token of that SHA-256, whether it is valid or not any more. */
    public Optional<PresentedToken> find(byte[] hash) {
        // Indexes: tokens_hash_key, projects_pkey. One row is all that every request of the API costs for its token.
        return database.first(
                """
                select token.*,
                       token.revoked_at is not null or project.deleted_at is not null as revoked,
                       coalesce(token.expires_at <= clock_timestamp(), false) as expired,
                       coalesce(token.last_used_at > clock_timestamp() - interval '1 minute', false) as used_lately
                from tokens token left join projects project on project.name = token.project
                where token.hash = ?
                """,
                row -> new PresentedToken(
                        Token.from(row),
                        row.flag("revoked") ? State.REVOKED : row.flag("expired") ? State.EXPIRED : State.VALID,
                        row.flag("used_lately")),
                hash);
    }

    /** Whether the token of that id is valid now. */
    public boolean isValid(String id) {
        // Index: primary key.
        return database.inTransaction(transaction ->
                transaction.first("""
                        select true as valid from tokens
                        where id = ? and revoked_at is null and (expires_at is null or expires_at > clock_timestamp())
                        """, row -> row.flag("valid"), id).isPresent());
    }

    /** Notes that these tokens are in use. */
    public void used(Collection<String> ids) {
        database.run(transaction -> transaction.update(
                "update tokens set last_used_at = clock_timestamp() where id = any (?)", List.copyOf(ids)));
    }

    /** Stores a token; returns it as stored, or empty if there are {@link #MOST} already. */
    public Optional<Token> add(NewToken token) {
        return database.inTransaction(transaction -> noted(
                transaction,
                transaction.first(
                        """
                        insert into tokens (id, name, project, role, hash, prefix, created_by, expires_at)
                        select ?, ?, ?, ?, ?, ?, ?, ?
                        where (select count(*) from tokens where project is not distinct from ? and revoked_at is null) < ?
                        returning\s""" + Token.COLUMNS,
                        Token::from,
                        token.id(),
                        token.name(),
                        token.project(),
                        token.role().wireName(),
                        token.hash(),
                        token.prefix(),
                        token.createdBy(),
                        token.expiresAt(),
                        token.project(),
                        MOST)));
    }

    private static Optional<Token> noted(Transaction transaction, Optional<Token> made) {
        made.ifPresent(token -> noteMade(transaction, token.project(), token.id(), token.name(), token.role()));
        return made;
    }

    private static void noteMade(Transaction transaction, @Nullable String project, String id, String name, Role role) {
        AuditLog.note(
                transaction, AuditAction.TOKEN_CREATED, project, id, Map.of("name", name, "role", role.wireName()));
    }

    /**
     * The tokens that are not revoked, oldest first.
     *
     * @param project of this project, or null for those that are good for every one
     * @param after only those behind this id; empty for the first
     * @param limit at most so many
     */
    public List<Token> list(@Nullable String project, String after, int limit) {
        // Index: tokens_by_project.
        return database.inTransaction(
                transaction -> transaction.list("select " + Token.COLUMNS + """
                 from tokens
                where project is not distinct from ? and revoked_at is null and id > ?
                order by id limit ?
                """, Token::from, project, after, limit));
    }

    /** The token of that id, unless it is revoked or another project's. */
    public Optional<Token> find(@Nullable String project, String id) {
        return database.inTransaction(
                transaction -> transaction.first("select " + Token.COLUMNS + """
                 from tokens
                where id = ? and project is not distinct from ? and revoked_at is null
                """, Token::from, id, project));
    }

    /**
     * Revokes a token; from the commit on nobody gets in with it.
     *
     * @param project whose it is, or null if it is good for every one
     * @return false if there is none
     */
    public boolean revoke(@Nullable String project, String id, String revokedBy) {
        return database.inTransaction(transaction -> {
            boolean revoked = transaction.update("""
                            update tokens set revoked_at = clock_timestamp(), revoked_by = ?
                            where id = ? and project is not distinct from ? and revoked_at is null
                            """, revokedBy, id, project) == 1;
            if (revoked) {
                AuditLog.note(transaction, AuditAction.TOKEN_REVOKED, project, id);
            }
            return revoked;
        });
    }

    /**
     * Forgets tokens that have not been valid for a month; returns how many. The service's own ones stay: one that somebody has revoked must not
     * be taken for a new one when it is found in the file.
     */
    public int removeOld() {
        return database.inTransaction(transaction -> transaction.update("""
                delete from tokens
                where created_by is not null and least(revoked_at, expires_at) < clock_timestamp() - %s
                """.formatted(KEPT)));
    }

    /**
     * Makes a token the service's own one, which lies in its file, and revokes the one that lay there before.
     *
     * @return false if somebody has revoked that very token: then nothing was changed
     */
    public boolean own(NewToken token) {
        return database.inTransaction(transaction -> {
            boolean revoked = transaction
                    .first(
                            "select revoked_by is not null as revoked from tokens where hash = ?",
                            row -> row.flag("revoked"),
                            token.hash())
                    .orElse(false);
            if (!revoked) {
                own(transaction, token);
            }
            return !revoked;
        });
    }

    private static void own(Transaction transaction, NewToken token) {
        String id = transaction
                .first(
                        """
                        insert into tokens (id, name, project, role, hash, prefix) values (?, ?, null, ?, ?, ?)
                        on conflict (hash) do update
                        set name = excluded.name, project = null, role = excluded.role, prefix = excluded.prefix,
                            created_by = null, expires_at = null, revoked_at = null
                        returning id
                        """,
                        row -> row.text("id"),
                        token.id(),
                        token.name(),
                        token.role().wireName(),
                        token.hash(),
                        token.prefix())
                .orElseThrow();
        if (id.equals(token.id())) {
            noteMade(transaction, null, id, token.name(), token.role());
        }
        transaction
                .list("""
                        update tokens set revoked_at = clock_timestamp()
                        where created_by is null and name = ? and hash <> ? and revoked_at is null
                        returning id
                        """, row -> row.text("id"), token.name(), token.hash())
                .forEach(old -> AuditLog.note(transaction, AuditAction.TOKEN_REVOKED, null, old));
    }
}
