package io.slipway.db.webhook;

import io.slipway.db.Database;
import io.slipway.db.Transaction;
import io.slipway.db.audit.AuditAction;
import io.slipway.db.audit.AuditLog;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What is said to webhooks: noted by a trigger of the database in the transactions in which it happens, sent by whichever service claims it, kept for a while.
 * A claim holds for a while by the database's clock, and whoever has lost it can't write any more. Thread-safe.
 */
public final class Messages {
    /** How many messages to one webhook are under way at once: a slow receiver takes no more places than that from others. */
    static final int MOST_OF_ONE = 2;

    /**
     * Webhooks that something can be claimed of, those first that it is due to for longest; locked, so that others leave them alone, whether they claim,
     * change or delete. Who holds a webhook's lock may lock its messages; the other way round nobody does.
     *
     * <p>It walks from one webhook that something is to be sent to to the next, and looks at the first of its messages and at those under way, however
     * many wait. Indexes: webhook_messages_due, webhook_messages_under_way.
     */
    static final String CLAIMABLE = """
            with recursive waiting (webhook_id) as (
                (select webhook_id from webhook_messages where state = 'pending' order by webhook_id limit 1)
                union all
                select (select m.webhook_id from webhook_messages m
                        where m.state = 'pending' and m.webhook_id > waiting.webhook_id
                        order by m.webhook_id limit 1)
                from waiting where waiting.webhook_id is not null)
            select w.id
            from waiting
            join webhooks w on w.id = waiting.webhook_id
            cross join lateral (
                select m.due_at from webhook_messages m
                where m.webhook_id = w.id and m.state = 'pending' and m.due_at <= statement_timestamp()
                order by m.due_at limit 1) first
            where (w.paused_until is null or w.paused_until <= statement_timestamp())
              and case when w.failing_since is null then ? else 1 end > (
                  select count(*) from webhook_messages m
                  where m.webhook_id = w.id and m.state = 'pending' and m.claim is not null
                    and m.due_at > statement_timestamp())
            order by first.due_at limit ?
            for no key update of w skip locked
            """;

    /** Claims messages of webhooks that were locked, by a statement of its own: only that one sees what those who had the locks before have claimed. */
    static final String CLAIM = """
            with chosen as (
                select first.id
                from webhooks w
                cross join lateral (
                    select m.id, m.due_at from webhook_messages m
                    where m.webhook_id = w.id and m.state = 'pending' and m.due_at <= statement_timestamp()
                    order by m.due_at
                    limit (select greatest(0, case when w.failing_since is null then ? else 1 end - count(*))
                           from webhook_messages u
                           where u.webhook_id = w.id and u.state = 'pending' and u.claim is not null
                             and u.due_at > statement_timestamp())) first
                where w.id = any (?)
                  and (w.paused_until is null or w.paused_until <= statement_timestamp())
                order by first.due_at limit ?),
            next as (
                select id from webhook_messages
                where id = any (array(select id from chosen))
                  and state = 'pending' and due_at <= statement_timestamp()
                for update skip locked)
            update webhook_messages m
            set claim = nextval('delivery_claims'), attempts = attempts + 1,
                due_at = clock_timestamp() + ? * interval '1 millisecond'
            from next where m.id = next.id
            returning m.*, clock_timestamp() as claimed_at
            """;

    private final Database database;

    /** @param database migrated */
    public Messages(Database database) {
        this.database = database;
    }

    /**
     * Claims messages that are due, longest due first: none of webhooks that rest, and of each no more than two are under way at once; of those that have
     * failed at last, one.
     *
     * @param limit at most so many
     * @param hold how long others leave them alone; longer than sending takes
     */
    public List<ClaimedMessage> claim(int limit, Duration hold) {
        return database.inTransaction(transaction -> {
            List<String> locked = transaction.list(CLAIMABLE, row -> row.text("id"), MOST_OF_ONE, limit);
            return locked.isEmpty()
                    ? List.of()
                    : transaction.list(
                            CLAIM,
                            row -> new ClaimedMessage(Message.from(row), row.number("claim"), row.time("claimed_at")),
                            MOST_OF_ONE,
                            locked,
                            limit,
                            hold.toMillis());
        });
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
            fail(transaction, claimed, rest);
            return transaction.update("""
                    update webhook_messages set claim = null, due_at = clock_timestamp() + ? * interval '1 millisecond'
                    where id = ? and claim = ? and state = 'pending'
                    """, pause.toMillis(), claimed.message().id(), claimed.claim());
        });
    }

    /**
     * Notes that a message was not taken, and is not sent any more.
     *
     * @param rest for so long nothing at all is sent to the receiver
     */
    public void refused(ClaimedMessage claimed, MessageAttempt attempt, Duration rest) {
        note(claimed, attempt, transaction -> {
            fail(transaction, claimed, rest);
            return transaction.update("""
                    update webhook_messages set state = 'failed', finished_at = clock_timestamp()
                    where id = ? and claim = ? and state = 'pending'
                    """, claimed.message().id(), claimed.claim());
        });
    }

    private static void fail(Transaction transaction, ClaimedMessage claimed, Duration rest) {
        transaction.update("""
                update webhooks
                set failing_since = coalesce(failing_since, clock_timestamp()),
                    paused_until = greatest(paused_until, clock_timestamp() + ? * interval '1 millisecond')
                where id = ?
                """, rest.toMillis(), webhook(claimed));
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
        return database.inTransaction(transaction -> {
            Optional<Message> repeated = transaction.first("""
                    insert into webhook_messages (id, webhook_id, event, build_id, happened_at, body, redelivery_of)
                    select new_webhook_message_id(), m.webhook_id, m.event, m.build_id, m.happened_at, m.body, m.id
                    from webhook_messages m join webhooks w on w.id = m.webhook_id
                    where m.id = ? and m.webhook_id = ?
                    for key share of w
                    returning *
                    """, Message::from, id, webhookId);
            repeated.ifPresent(message -> transaction
                    .first("select project from webhooks where id = ?", row -> row.text("project"), webhookId)
                    .ifPresent(project -> AuditLog.note(
                            transaction,
                            AuditAction.MESSAGE_REDELIVERED,
                            project,
                            id,
                            Map.of("webhook", webhookId, "redelivery", message.id()))));
            return repeated;
        });
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
