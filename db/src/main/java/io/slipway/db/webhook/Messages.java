package io.slipway.db.webhook;

import io.slipway.db.Database;
import io.slipway.db.Transaction;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What is said to webhooks: noted by a trigger of the database in the transactions in which it happens, sent by whichever service claims it, kept for a while.
 * A claim holds for a while by the database's clock, and whoever has lost it can't write any more. Thread-safe.
 */
public final class Messages {
    private final Database database;

    /** @param database migrated */
    public Messages(Database database) {
        this.database = database;
    }

    /**
     * Claims messages that are due, longest due first; none of webhooks that rest, and of those that have failed at last, one at a time.
     *
     * @param limit at most so many
     * @param hold how long others leave them alone; longer than sending takes
     */
    public List<ClaimedMessage> claim(int limit, Duration hold) {
        // Index: webhook_messages_due, so the cost does not grow with the history.
        return database.inTransaction(transaction -> transaction.list(
                """
                with due as (
                    select m.id, m.due_at, w.failing_since,
                           row_number() over (partition by m.webhook_id order by m.due_at, m.id) as place
                    from webhook_messages m join webhooks w on w.id = m.webhook_id
                    where m.state = 'pending' and m.due_at <= clock_timestamp()
                      and (w.paused_until is null or w.paused_until <= clock_timestamp())),
                next as (
                    select m.id, m.webhook_id from webhook_messages m
                    where m.id = any (array(
                          select id from due where failing_since is null or place = 1 order by due_at limit ?))
                      and m.state = 'pending' and m.due_at <= clock_timestamp()
                    for update skip locked),
                resting as (
                    update webhooks w set paused_until = clock_timestamp() + ? * interval '1 millisecond'
                    from next where w.id = next.webhook_id and w.failing_since is not null)
                update webhook_messages m
                set claim = nextval('delivery_claims'), attempts = attempts + 1,
                    due_at = clock_timestamp() + ? * interval '1 millisecond'
                from next where m.id = next.id
                returning m.*
                """,
                row -> new ClaimedMessage(Message.from(row), row.number("claim")),
                limit,
                hold.toMillis(),
                hold.toMillis()));
    }

    /**
     * Says what is sent, unless that is said: the first one holds for all attempts.
     *
     * @return what is sent
     * @throws ClaimLostException if somebody else has claimed it
     */
    public String fix(ClaimedMessage claimed, String body) {
        return database.inTransaction(transaction -> transaction
                .first("""
                        update webhook_messages set body = coalesce(body, ?)
                        where id = ? and claim = ? and state = 'pending'
                        returning body
                        """, row -> row.text("body"), body, claimed.message().id(), claimed.claim())
                .orElseThrow(() -> new ClaimLostException(claimed.message().id())));
    }

    /** Notes that a message was taken. */
    public void delivered(ClaimedMessage claimed, MessageAttempt attempt) {
        note(claimed, attempt, transaction -> {
            transaction.update("""
                    update webhooks set failing_since = null, paused_until = null
                    where id = ? and (failing_since is not null or paused_until is not null)
                    """, webhook(claimed));
            return transaction.update("""
                    update webhook_messages set state = 'delivered', finished_at = clock_timestamp()
                    where id = ? and claim = ? and state = 'pending'
                    """, claimed.message().id(), claimed.claim());
        });
    }

    /**
     * Notes that a message was not taken, and is to be sent again.
     *
     * @param pause after so long
     * @param rest for so long nothing at all is sent to the receiver
     */
    public void postponed(ClaimedMessage claimed, MessageAttempt attempt, Duration pause, Duration rest) {
        note(claimed, attempt, transaction -> {
            transaction.update("""
                    update webhooks
                    set failing_since = coalesce(failing_since, clock_timestamp()),
                        paused_until = clock_timestamp() + ? * interval '1 millisecond'
                    where id = ?
                    """, rest.toMillis(), webhook(claimed));
            return transaction.update("""
                    update webhook_messages set due_at = clock_timestamp() + ? * interval '1 millisecond'
                    where id = ? and claim = ? and state = 'pending'
                    """, pause.toMillis(), claimed.message().id(), claimed.claim());
        });
    }

    /** Notes that a message was not taken, and is not sent any more. */
    public void refused(ClaimedMessage claimed, MessageAttempt attempt) {
        note(claimed, attempt, transaction -> {
            transaction.update(
                    "update webhooks set failing_since = coalesce(failing_since, clock_timestamp()) where id = ?",
                    webhook(claimed));
            return transaction.update("""
                    update webhook_messages set state = 'failed', finished_at = clock_timestamp()
                    where id = ? and claim = ? and state = 'pending'
                    """, claimed.message().id(), claimed.claim());
        });
    }

    private static String webhook(ClaimedMessage claimed) {
        return claimed.message().webhookId();
    }

    private interface Note {
        int write(Transaction transaction);
    }

    private void note(ClaimedMessage claimed, MessageAttempt attempt, Note note) {
        database.run(transaction -> {
            if (note.write(transaction) == 0) {
                throw new ClaimLostException(claimed.message().id());
            }
            transaction.update(
                    """
                    insert into webhook_attempts (message_id, number, at, duration_millis, status, response, error)
                    values (?, ?, ?, ?, ?, ?, ?)
                    """,
                    claimed.message().id(),
                    attempt.number(),
                    attempt.at(),
                    attempt.durationMillis(),
                    attempt.status(),
                    attempt.response(),
                    attempt.error());
        });
    }

    /**
     * Has a message sent once more, as a new one with the same content.
     *
     * @return the new one, or empty if there is no such message
     */
    public Optional<Message> repeat(String webhookId, String id) {
        return database.inTransaction(transaction -> transaction.first("""
                insert into webhook_messages (id, webhook_id, event, build_id, happened_at, body, redelivery_of)
                select new_webhook_message_id(), m.webhook_id, m.event, m.build_id, m.happened_at, m.body, m.id
                from webhook_messages m join webhooks w on w.id = m.webhook_id
                where m.id = ? and m.webhook_id = ?
                for key share of w
                returning *
                """, Message::from, id, webhookId));
    }

    /**
     * The messages to a webhook, newest first.
     *
     * @param before only those that are older than this id; empty for the first
     * @param limit at most so many
     */
    public List<Message> list(String webhookId, String before, int limit) {
        // Index: webhook_messages_by_webhook.
        return database.inTransaction(
                transaction -> transaction.list("""
                select * from webhook_messages where webhook_id = ? and (? = '' or id < ?) order by id desc limit ?
                """, Message::from, webhookId, before, before, limit));
    }

    /** The message of that id, unless it is another webhook's. */
    public Optional<Message> find(String webhookId, String id) {
        return database.inTransaction(transaction -> transaction.first(
                "select * from webhook_messages where id = ? and webhook_id = ?", Message::from, id, webhookId));
    }

    /** The attempts to send a message, in their order. */
    public List<MessageAttempt> attempts(String id) {
        // Index: primary key.
        return database.inTransaction(transaction -> transaction.list(
                "select * from webhook_attempts where message_id = ? order by number", MessageAttempt::from, id));
    }

    /** How many are to be sent. */
    public long pending() {
        // Index: webhook_messages_due.
        return database.inTransaction(transaction -> transaction
                .first(
                        "select count(*) as pending from webhook_messages where state = 'pending'",
                        row -> row.number("pending"))
                .orElse(0L));
    }

    /**
     * Removes messages that are not sent any more and are older than {@code age}.
     *
     * @param limit at most so many
     * @return how many were removed
     */
    public int removeOld(Duration age, int limit) {
        // Index: webhook_messages_by_age.
        return database.inTransaction(transaction -> transaction.update("""
                delete from webhook_messages where id in (
                    select id from webhook_messages
                    where created_at < clock_timestamp() - ? * interval '1 millisecond' and state <> 'pending'
                    order by created_at limit ? for update skip locked)
                """, age.toMillis(), limit));
    }
}
