package io.slipway.db.access;

import io.slipway.db.Database;
import io.slipway.db.Transaction;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;

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
     * @param hold how long others are told that it is running; after that (the service was killed) they may begin it anew, and have the key
     */
    public Begun begin(String project, String key, byte[] requestHash, Duration hold) {
        String owner = UUID.randomUUID().toString();
        return database.inTransaction(transaction -> {
            // Either the row is ours, or it is locked here until this transaction's end. Index: primary key.
            boolean inserted = transaction.update("""
                            insert into idempotency_keys (project, key, request_hash, owner, held_until)
                            values (?, ?, ?, ?, clock_timestamp() + ? * interval '1 millisecond')
                            on conflict (project, key) do nothing
                            """, project, key, requestHash, owner, hold.toMillis()) == 1;
            return inserted ? new Begun.First(owner) : known(transaction, project, key, requestHash, owner, hold);
        });
    }

    private static Begun known(
            Transaction transaction, String project, String key, byte[] requestHash, String owner, Duration hold) {
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
            transaction.update("""
                    update idempotency_keys
                    set request_hash = ?, owner = ?, held_until = clock_timestamp() + ? * interval '1 millisecond',
                        status = null, headers = null, body = null, created_at = clock_timestamp()
                    where project = ? and key = ?
                    """, requestHash, owner, hold.toMillis(), project, key);
            return new Begun.First(owner);
        }
        if (!stored.sameRequest()) {
            return new Begun.Different();
        }
        return stored.answer().<Begun>map(answer -> answer).orElseGet(Begun.Running::new);
    }

    private record Stored(boolean sameRequest, Optional<Begun.Answered> answer, boolean outlived) {}

    /**
     * Stores the answer to a request that {@link #begin} called the first; may be part of the caller's transaction.
     *
     * @param owner of {@link Begun.First}
     * @throws HoldLostException if the key is another request's by now: the transaction must not be committed
     */
    public static void answer(
            Transaction transaction, String project, String key, String owner, Begun.Answered answer) {
        int stored = transaction.update("""
                update idempotency_keys set status = ?, headers = ?::jsonb, body = ?, held_until = null
                where project = ? and key = ? and owner = ? and status is null
                """, answer.status(), answer.headers(), answer.body(), project, key, owner);
        if (stored == 0) {
            throw new HoldLostException(key);
        }
    }

    /** Like {@link #answer(Transaction, String, String, String, Begun.Answered)}, in a transaction of its own. */
    public void answer(String project, String key, String owner, Begun.Answered answer) {
        database.run(transaction -> answer(transaction, project, key, owner, answer));
    }

    /** Forgets a request that did not come to an answer worth keeping, so that it can be tried again; if the key is its owner's still. */
    public void giveUp(String project, String key, String owner) {
        database.run(transaction -> transaction.update(
                "delete from idempotency_keys where project = ? and key = ? and owner = ? and status is null",
                project,
                key,
                owner));
    }

    /** Removes answers older than 24 hours; returns how many. */
    public int removeOld() {
        // Index: idempotency_keys_by_age.
        return database.inTransaction(transaction ->
                transaction.update("delete from idempotency_keys where created_at < clock_timestamp() - " + KEPT));
    }
}
