package io.slipway.db.access;

import io.slipway.db.Database;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Bearer tokens, of which only the SHA-256 is kept. Thread-safe. */
public final class Tokens {
    private final Database database;

    /** @param database migrated */
    public Tokens(Database database) {
        this.database = database;
    }

    /** The token of that SHA-256, unless it was revoked. */
    public Optional<Token> find(byte[] hash) {
        // Index: tokens_hash_key.
        return database.inTransaction(transaction -> transaction.first(
                "select id, name, project from tokens where hash = ? and revoked_at is null",
                row -> new Token(row.text("id"), row.text("name"), row.textOrNull("project")),
                hash));
    }

    /**
     * Stores a token; does nothing when one with the same hash is there.
     *
     * @param id unique, {@code tok_…}
     * @param project the only project that it is good for, or null for every one
     */
    public void add(String id, String name, @Nullable String project, byte[] hash) {
        database.run(transaction -> transaction.update(
                "insert into tokens (id, name, project, hash) values (?, ?, ?, ?) on conflict (hash) do nothing",
                id,
                name,
                project,
                hash));
    }

    /** Revokes every token of that name but the one with {@code hash}. */
    public void replace(String name, byte[] hash) {
        database.run(transaction -> transaction.update("""
                update tokens set revoked_at = clock_timestamp()
                where name = ? and hash <> ? and revoked_at is null
                """, name, hash));
    }
}
