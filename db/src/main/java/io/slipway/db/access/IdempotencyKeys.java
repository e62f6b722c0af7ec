package io.slipway.db.access;

import io.slipway.db.Database;
import io.slipway.db.Transaction;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Answers to requests that came with an {@code Idempotency-Key}, kept for 24 hours, so that the same request is carried out
 * once. Thread-safe.
 */
public final class IdempotencyKeys {
    private static final String KEPT = "interval '24 hours'";

    private final Database database;

    /** @param database migrated */
    public IdempotencyKeys(Database database) {
        this.database = database;
    }

    /**
     * Begins a request.
     *
     * @param requestHash SHA-256 over what makes the request the same request
     * @param hold how long others are told that it is running, unless it is {@linkplain #renew renewed}; after that (the service was killed)
     *     they may begin it anew
     */
    public Begun begin(String project, String key, byte[] requestHash, Duration hold) {
        return database.inTransaction(transaction -> {
            // Either the row is ours, or it is locked here until this transaction's end. Index: primary key.
            Optional<Begun> inserted = transaction.first(
                    """
                            insert into idempotency_keys (project, key, request_hash, held_until, created_at)
                            values (?, ?, ?, clock_timestamp() + ? * interval '1 millisecond', clock_timestamp())
                            on conflict (project, key) do nothing
                            returning created_at
                            """, row -> new Begun.First(row.time("created_at")), project, key, requestHash, hold.toMillis());
            return inserted.orElseGet(() -> known(transaction, project, key, requestHash, hold));
        });
    }

    private static Begun known(Transaction transaction, String project, String key, byte[] requestHash, Duration hold) {
        Stored stored = transaction
                .first(
                        """
                        select request_hash = ? as same_request, status, headers, body,
                               created_at < clock_timestamp() - %s
                                   or (status is null and held_until < clock_timestamp()) as outlived
                        from idempotency_keys where project = ? and key = ? for update
                        """.formatted(KEPT),
                        row -> new Stored(
                                row.flag("same_request"),
                                Optional.ofNullable(row.integerOrNull("status"))
                                        .map(status ->
                                                new Begun.Answered(status, row.text("headers"), row.bytes("body"))),
                                row.flag("outlived")),
                        requestHash,
                        project,
                        key)
                .orElse(null);
        if (stored == null) {
            return new Begun.Running(); // somebody gave it up just now; asking again settles it
        }
        if (stored.outlived()) {
            return transaction
                    .<Begun>first(
                            """
                            update idempotency_keys
                            set request_hash = ?, held_until = clock_timestamp() + ? * interval '1 millisecond',
                                status = null, headers = null, body = null, created_at = clock_timestamp()
                            where project = ? and key = ?
                            returning created_at
                            """,
                            row -> new Begun.First(row.time("created_at")),
                            requestHash,
                            hold.toMillis(),
                            project,
                            key)
                    .orElseThrow();
        }
        if (!stored.sameRequest()) {
            return new Begun.Different();
        }
        return stored.answer().<Begun>map(answer -> answer).orElseGet(Begun.Running::new);
    }

    private record Stored(boolean sameRequest, Optional<Begun.Answered> answer, boolean outlived) {}

    /** Holds the key of a request that is still being carried out for so much longer, unless somebody else has begun it since. */
    public void renew(String project, String key, Instant since, Duration hold) {
        database.run(transaction -> transaction.update("""
                        update idempotency_keys set held_until = clock_timestamp() + ? * interval '1 millisecond'
                        where project = ? and key = ? and created_at = ? and status is null
                        """, hold.toMillis(), project, key, since));
    }

    /**
     * Stores the answer to a request that {@link #begin} called the first; part of the transaction that makes it true.
     *
     * @param since when it was begun
     * @return false if somebody else has begun it since: then what the transaction does is done elsewhere, and must not be done here
     */
    public static boolean answer(
            Transaction transaction, String project, String key, Instant since, Begun.Answered answer) {
        return transaction.update("""
                        update idempotency_keys set status = ?, headers = ?::jsonb, body = ?, held_until = null
                        where project = ? and key = ? and created_at = ? and status is null
                        """, answer.status(), answer.headers(), answer.body(), project, key, since) == 1;
    }

    /** Like {@link #answer(Transaction, String, String, Instant, Begun.Answered)}, in a transaction of its own. */
    public boolean answer(String project, String key, Instant since, Begun.Answered answer) {
        return database.inTransaction(transaction -> answer(transaction, project, key, since, answer));
    }

    /** Forgets a request that did not come to an answer worth keeping, so that it can be tried again. */
    public void giveUp(String project, String key, Instant since) {
        database.run(transaction -> transaction.update(
                "delete from idempotency_keys where project = ? and key = ? and created_at = ? and status is null",
                project,
                key,
                since));
    }

    /** Removes answers older than 24 hours; returns how many. */
    public int removeOld() {
        // Index: idempotency_keys_by_age.
        return database.inTransaction(transaction ->
                transaction.update("delete from idempotency_keys where created_at < clock_timestamp() - " + KEPT));
    }
}
