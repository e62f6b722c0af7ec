package io.slipway.db.webhook;

import io.slipway.db.Database;
import io.slipway.db.SortedIds;
import io.slipway.db.Transaction;
import io.slipway.db.access.NoSuchProjectException;
import io.slipway.db.audit.AuditAction;
import io.slipway.db.audit.AuditLog;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Where projects want to be told of their builds. Thread-safe. */
public final class Webhooks {
    /** How many a project may have: each is a row for each change of a build's state. */
    public static final int MOST = 50;

    private static final SortedIds IDS = new SortedIds("whk_");

    private final Database database;

    /** @param database migrated */
    public Webhooks(Database database) {
        this.database = database;
    }

    /** A new id for a webhook that is made now. */
    public static String newId(Instant now) {
        return IDS.create(now);
    }

    /**
     * Stores a webhook, which hears of what happens from the commit on.
     *
     * @return as stored, or empty if the project has {@link #MOST} already
     * @throws NoSuchProjectException if there is no such project
     */
    public Optional<Webhook> add(NewWebhook webhook) {
        return database.inTransaction(transaction -> {
            // The lock lets one in at a time, so that they can be counted, and waits for whoever is deleting the
            // project.
            String project = transaction
                    .first(
                            "select name from projects where name = ? and deleted_at is null for no key update",
                            row -> row.text("name"),
                            webhook.project())
                    .orElseThrow(() -> new NoSuchProjectException(webhook.project()));
            WebhookSettings settings = webhook.settings();
            // Index: webhooks_by_project.
            Optional<Webhook> made = transaction.first(
                    """
                    insert into webhooks (id, project, url, events, description, enabled, secret, service_url, created_by)
                    select ?, ?, ?, ?, ?, ?, ?, ?, ?
                    where (select count(*) from webhooks where project = ?) < ?
                    returning *
                    """,
                    Webhook::from,
                    webhook.id(),
                    project,
                    settings.url(),
                    settings.events(),
                    settings.description(),
                    settings.enabled(),
                    webhook.secret(),
                    webhook.serviceUrl(),
                    webhook.createdBy(),
                    project,
                    MOST);
            made.ifPresent(added -> AuditLog.note(transaction, AuditAction.WEBHOOK_CREATED, project, added.id()));
            return made;
        });
    }

    /**
     * The webhooks of a project, oldest first.
     *
     * @param after only those behind this id; empty for the first
     * @param limit at most so many
     */
    public List<Webhook> list(String project, String after, int limit) {
        // Index: webhooks_by_project.
        return database.inTransaction(transaction -> transaction.list(
                "select * from webhooks where project = ? and id > ? order by id limit ?",
                Webhook::from,
                project,
                after,
                limit));
    }

    /** The webhook of that id, unless it is another project's. */
    public Optional<Webhook> find(String project, String id) {
        return database.inTransaction(transaction ->
                transaction.first("select * from webhooks where id = ? and project = ?", Webhook::from, id, project));
    }

    /** The webhook of that id, whosever it is, for those who send. */
    public Optional<Webhook> find(String id) {
        return database.inTransaction(
                transaction -> transaction.first("select * from webhooks where id = ?", Webhook::from, id));
    }

    /**
     * Changes what is said of a webhook, one change at a time. One that is enabled anew begins anew; of one that is disabled, nothing that waits is sent
     * any more.
     *
     * @param change makes the new settings of the webhook as it is; what it throws leaves all as it was
     * @return as stored, or empty if there is none
     */
    public Optional<Webhook> change(String project, String id, Function<Webhook, WebhookSettings> change) {
        return database.inTransaction(transaction -> transaction
                .first(
                        "select * from webhooks where id = ? and project = ? for no key update",
                        Webhook::from,
                        id,
                        project)
                .flatMap(webhook -> {
                    WebhookSettings settings = change.apply(webhook);
                    if (!settings.enabled() || !webhook.enabled()) {
                        drop(transaction, id);
                    }
                    AuditLog.note(
                            transaction,
                            AuditAction.WEBHOOK_CHANGED,
                            project,
                            id,
                            Map.of("enabled", Boolean.toString(settings.enabled())));
                    return transaction.first(
                            """
                            update webhooks
                            set url = ?, events = ?, description = ?, enabled = ?, disabled_reason = null,
                                failing_since = case when enabled and url = ? then failing_since end,
                                paused_until = case when enabled and url = ? then paused_until end,
                                updated_at = clock_timestamp()
                            where id = ?
                            returning *
                            """,
                            Webhook::from,
                            settings.url(),
                            settings.events(),
                            settings.description(),
                            settings.enabled(),
                            settings.url(),
                            settings.url(),
                            id);
                }));
    }

    /** Disables a webhook, because its receiver can't be reached or wants nothing any more; nothing that waits is sent. */
    public void disable(String id, String reason) {
        database.run(transaction -> {
            Optional<String> project = transaction.first("""
                    update webhooks set enabled = false, disabled_reason = ?, updated_at = clock_timestamp()
                    where id = ? and enabled
                    returning project
                    """, row -> row.text("project"), reason, id);
            if (project.isPresent()) {
                drop(transaction, id);
                AuditLog.note(transaction, AuditAction.WEBHOOK_DISABLED, project.get(), id, Map.of("reason", reason));
            }
        });
    }

    /** Drops what waits for a webhook that is disabled: what was noted while it was being disabled. Of one that is enabled, nothing. */
    public void dropIfDisabled(String id) {
        database.run(transaction -> transaction
                .first(
                        "select id from webhooks where id = ? and not enabled for no key update",
                        row -> row.text("id"),
                        id)
                .ifPresent(disabled -> drop(transaction, disabled)));
    }

    /** Who calls it has locked the webhook. */
    private static void drop(Transaction transaction, String id) {
        // Index: webhook_messages_due.
        transaction.update("""
                update webhook_messages set state = 'failed', finished_at = clock_timestamp()
                where webhook_id = ? and state = 'pending'
                """, id);
    }

    /**
     * Gives a webhook another secret; the one that it has is kept as the previous one.
     *
     * @param secret encrypted
     * @return as stored, or empty if there is none
     */
    public Optional<Webhook> rotate(String project, String id, String secret) {
        return database.inTransaction(transaction -> {
            Optional<Webhook> changed = transaction.first("""
                    update webhooks set previous_secret = secret, secret = ?, secret_created_at = clock_timestamp()
                    where id = ? and project = ?
                    returning *
                    """, Webhook::from, secret, id, project);
            changed.ifPresent(_ -> AuditLog.note(transaction, AuditAction.WEBHOOK_SECRET_REPLACED, project, id));
            return changed;
        });
    }

    /**
     * Removes the previous secrets of webhooks whose secret is older than {@code age}.
     *
     * @param limit at most so many
     * @return how many were removed
     */
    public int forgetPreviousSecrets(Duration age, int limit) {
        // Index: webhooks_with_previous_secret. One that is locked is left for the next time: nobody waits for a
        // webhook while he has another.
        return database.inTransaction(transaction -> transaction.update("""
                update webhooks set previous_secret = null where id in (
                    select id from webhooks
                    where previous_secret is not null
                      and secret_created_at < clock_timestamp() - ? * interval '1 millisecond'
                    order by secret_created_at limit ? for no key update skip locked)
                """, age.toMillis(), limit));
    }

    /** Deletes a webhook, with all that was or is to be said to it. Returns false if there is none. */
    public boolean delete(String project, String id) {
        return database.inTransaction(transaction -> {
            boolean deleted = transaction.update("delete from webhooks where id = ? and project = ?", id, project) == 1;
            if (deleted) {
                AuditLog.note(transaction, AuditAction.WEBHOOK_DELETED, project, id);
            }
            return deleted;
        });
    }
}
