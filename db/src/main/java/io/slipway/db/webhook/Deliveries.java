package io.slipway.db.webhook;

import io.slipway.db.Channel;
import io.slipway.db.Database;
import io.slipway.db.SortedIds;
import io.slipway.db.Transaction;
import io.slipway.db.audit.AuditAction;
import io.slipway.db.audit.AuditLog;
import io.slipway.db.build.BuildId;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What git hosts have delivered: stored once, worked off by whichever service claims it, kept for a while. A claim holds for a while by the
 * database's clock, and whoever has lost it can't write any more. Thread-safe.
 */
public final class Deliveries {
    private static final SortedIds IDS = new SortedIds("dlv_");

    private final Database database;

    /** @param database migrated */
    public Deliveries(Database database) {
        this.database = database;
    }

    /** A new id for what is delivered now. */
    public static String newId(Instant now) {
        return IDS.create(now);
    }

    /**
     * What became of something that was delivered.
     *
     * @param id of the delivery that is stored
     * @param duplicate whether it was stored before
     */
    public record Stored(String id, boolean duplicate) {}

    /**
     * Stores what was delivered, once: what has the same id of the host's, or the same body where that says so, is the same, also when what came
     * first is no longer kept.
     *
     * @return empty if the trigger has just been deleted
     */
    public Optional<Stored> store(NewDelivery delivery) {
        String known = delivery.sameBody() == SameBody.DUPLICATE ? delivery.bodyMark() : delivery.idMark();
        List<String> marks = delivery.sameBody() == SameBody.ANOTHER
                ? List.of(delivery.idMark())
                : List.of(delivery.idMark(), delivery.bodyMark());
        // One round trip: a host waits for the answer. Indexes: primary keys; marks are asked for by parameters and not
        // by what a join gives, so
        // that no plan made while there were few reads all of them.
        boolean first = database.first(
                        """
                        with trigger as (select id from triggers where id = ? and deleted_at is null for key share),
                        stored as (
                            insert into deliveries
                                (id, trigger_id, host_id, body_sha256, event, headers, body, service_url, repeats)
                            select ?, id, ?, ?, ?, ?::jsonb, ?, ?,
                                (select delivery_id from delivery_marks where trigger_id = ? and mark = ?)
                            from trigger
                            where not exists (
                                select from delivery_marks where trigger_id = ? and mark in (?, ?))
                            on conflict do nothing
                            returning id, trigger_id),
                        marked as (
                            insert into delivery_marks (trigger_id, mark, delivery_id)
                            select trigger_id, mark, id from stored, unnest(?) mark
                            on conflict do nothing)
                        select id from stored
                        """,
                        row -> row.text("id"),
                        delivery.triggerId(),
                        delivery.id(),
                        delivery.hostId(),
                        delivery.sameBody() == SameBody.DUPLICATE ? delivery.bodySha256() : null,
                        delivery.event(),
                        delivery.headers(),
                        delivery.body(),
                        delivery.serviceUrl(),
                        delivery.triggerId(),
                        delivery.sameBody() == SameBody.SUSPECT ? delivery.bodyMark() : null,
                        delivery.triggerId(),
                        delivery.idMark(),
                        known,
                        marks)
                .isPresent();
        if (!first) {
            return again(delivery, known);
        }
        database.notify(Channel.DELIVERIES, delivery.id());
        return Optional.of(new Stored(delivery.id(), false));
    }

    private Optional<Stored> again(NewDelivery delivery, String known) {
        // Indexes: deliveries_by_host_id, deliveries_by_body, by which a service of an earlier version knows them;
        // primary keys.
        return database.first(
                """
                with known as (
                    select id from deliveries where trigger_id = ? and host_id = ?
                    union all
                    select id from deliveries where trigger_id = ? and body_sha256 = ?
                    union all
                    select delivery_id from delivery_marks where trigger_id = ? and mark in (?, ?)
                    limit 1),
                counted as (
                    update deliveries set duplicates = duplicates + 1 where id = (select id from known))
                select id from known
                """,
                row -> new Stored(row.text("id"), true),
                delivery.triggerId(),
                delivery.hostId(),
                delivery.triggerId(),
                delivery.bodySha256(),
                delivery.triggerId(),
                delivery.idMark(),
                known);
    }

    /** The commit of the newest build that a trigger has of a branch, tag or head. */
    public Optional<String> newestCommit(String triggerId, String ref) {
        // Index: build_causes_by_ref.
        return database.first(
                "select commit_id from build_causes where trigger_id = ? and ref = ? order by build_id desc limit 1",
                row -> row.text("commit_id"),
                triggerId,
                ref);
    }

    /**
     * Stores a delivery once more, to be worked off anew.
     *
     * @param id of the new one
     * @param serviceUrl where whoever asks for it has reached the service
     * @return as stored, or empty if there is no such delivery
     */
    public Optional<Delivery> repeat(String triggerId, String original, String id, String serviceUrl) {
        Optional<Delivery> stored = database.inTransaction(transaction -> {
            Optional<Delivery> repeated =
                    transaction.first("""
                    insert into deliveries (id, trigger_id, event, headers, body, service_url, redelivery_of, rebuild_of)
                    select ?, d.trigger_id, d.event, d.headers, d.body, ?, d.id, d.rebuild_of
                    from deliveries d join triggers t on t.id = d.trigger_id
                    where d.id = ? and d.trigger_id = ? and t.deleted_at is null
                    returning\s""" + Delivery.COLUMNS, Delivery::from, id, serviceUrl, original, triggerId);
            repeated.ifPresent(_ -> transaction
                    .first("select project from triggers where id = ?", row -> row.text("project"), triggerId)
                    .ifPresent(project -> AuditLog.note(
                            transaction,
                            AuditAction.DELIVERY_REDELIVERED,
                            project,
                            original,
                            Map.of("trigger", triggerId, "redelivery", id))));
            return repeated;
        });
        stored.ifPresent(delivery -> database.notify(Channel.DELIVERIES, delivery.id()));
        return stored;
    }

    /**
     * Claims deliveries that are due, longest due first; those that the service has made itself when there are no others.
     *
     * @param limit at most so many
     * @param hold how long others leave them alone; see {@link #renew}
     */
    public List<ClaimedDelivery> claim(int limit, Duration hold) {
        // Index: deliveries_due_first, so the cost does not grow with the history. When a claim ends the delivery is
        // due
        // again.
        return database.inTransaction(transaction -> transaction.list(
                """
                with next as (
                    select id from deliveries where state = 'pending' and due_at <= clock_timestamp()
                    order by (rebuild_of is not null), due_at limit ?
                    for update skip locked)
                update deliveries d
                set claim = nextval('delivery_claims'), attempts = attempts + 1,
                    due_at = clock_timestamp() + ? * interval '1 millisecond'
                from next where d.id = next.id
                returning d.*
                """,
                row -> new ClaimedDelivery(
                        Delivery.from(row),
                        row.number("claim"),
                        new DeliveryContent(row.text("headers"), row.bytes("body")),
                        row.text("service_url")),
                limit,
                hold.toMillis()));
    }

    /** Keeps claims for {@code hold} from now on; those that were lost stay lost. */
    public void renew(Collection<ClaimedDelivery> claims, Duration hold) {
        database.run(transaction -> transaction.batch(
                """
                update deliveries set due_at = clock_timestamp() + ? * interval '1 millisecond'
                where id = ? and claim = ? and state = 'pending'
                """,
                claims.stream()
                        .map(claim -> new @Nullable Object[] {
                            hold.toMillis(), claim.delivery().id(), claim.claim()
                        })
                        .toList()));
    }

    /**
     * Gives a delivery back, to be claimed again after a pause; nothing happens if the claim was lost.
     *
     * @param decision JSON: why it is not decided yet, or null if there is nothing to say
     */
    public void giveBack(ClaimedDelivery claim, Duration pause, @Nullable String decision) {
        database.run(transaction -> transaction.update(
                """
                update deliveries
                set due_at = clock_timestamp() + ? * interval '1 millisecond', decision = coalesce(?::jsonb, decision)
                where id = ? and claim = ? and state = 'pending'
                """, pause.toMillis(), decision, claim.delivery().id(), claim.claim()));
    }

    /**
     * Notes, within the transaction that queues it, the build of an event: so there is one at most, whoever is killed when.
     *
     * @param position of the event in the delivery
     * @throws ClaimLostException if somebody else has claimed the delivery
     */
    public static void built(Transaction transaction, ClaimedDelivery claim, int position, BuildId build) {
        boolean held = transaction
                .first(
                        "select true as held from deliveries where id = ? and claim = ? and state = 'pending' for update",
                        row -> row.flag("held"),
                        claim.delivery().id(),
                        claim.claim())
                .isPresent();
        if (!held) {
            throw new ClaimLostException(claim.delivery().id());
        }
        transaction.update(
                "insert into delivery_builds (delivery_id, position, build_id) values (?, ?, ?)",
                claim.delivery().id(),
                position,
                build.value());
    }

    /**
     * Stores, within the transaction in which that is noted, that a build is to be done again since bases of it have moved.
     *
     * @param id of {@link #newId}
     * @param body JSON
     * @param serviceUrl where the service is reached
     */
    public static void storeRebuild(
            Transaction transaction, String id, String triggerId, BuildId build, String body, String serviceUrl) {
        transaction.update("""
                insert into deliveries (id, trigger_id, event, headers, body, service_url, rebuild_of)
                values (?, ?, 'base', '{}', ?, ?, ?)
                """, id, triggerId, body.getBytes(StandardCharsets.UTF_8), serviceUrl, build.value());
    }

    /**
     * Why an event has no build.
     *
     * @param position of the event in the delivery
     * @param problem JSON
     */
    public record Unbuilt(int position, String problem) {}

    /**
     * Ends the work on a delivery.
     *
     * @param decision JSON
     * @param also runs in the same transaction
     * @throws ClaimLostException if somebody else has claimed it
     */
    public void decide(
            ClaimedDelivery claim,
            DeliveryState state,
            String decision,
            List<Unbuilt> unbuilt,
            Consumer<Transaction> also) {
        database.run(transaction -> {
            int changed = transaction.update(
                    """
                    update deliveries set state = ?, decision = ?::jsonb, decided_at = clock_timestamp()
                    where id = ? and claim = ? and state = 'pending'
                    """, state.wireName(), decision, claim.delivery().id(), claim.claim());
            if (changed == 0) {
                throw new ClaimLostException(claim.delivery().id());
            }
            transaction.batch(
                    """
                    insert into delivery_builds (delivery_id, position, problem) values (?, ?, ?::jsonb)
                    """,
                    unbuilt.stream()
                            .map(event ->
                                    new @Nullable Object[] {claim.delivery().id(), event.position(), event.problem()})
                            .toList());
            also.accept(transaction);
        });
    }

    /** What became of the events of these deliveries that were to be built. */
    public List<DeliveryBuild> builds(Collection<String> deliveries) {
        return database.inTransaction(transaction -> transaction.list(
                "select * from delivery_builds where delivery_id = any (?) order by delivery_id, position",
                DeliveryBuild::from,
                List.copyOf(deliveries)));
    }

    /**
     * The deliveries of a trigger, newest first.
     *
     * @param before only those that are older than this id; empty for the first
     * @param limit at most so many
     */
    public List<Delivery> list(String triggerId, String before, int limit) {
        // Index: deliveries_by_trigger.
        return database.inTransaction(transaction ->
                transaction.list("select " + Delivery.COLUMNS + """
                 from deliveries where trigger_id = ? and (? = '' or id < ?) order by id desc limit ?
                """, Delivery::from, triggerId, before, before, limit));
    }

    /** The delivery of that id, unless it is another trigger's. */
    public Optional<Delivery> find(String triggerId, String id) {
        return database.inTransaction(transaction -> transaction.first(
                "select " + Delivery.COLUMNS + " from deliveries where id = ? and trigger_id = ?",
                Delivery::from,
                id,
                triggerId));
    }

    /** What was sent with a delivery that was found. */
    public Optional<DeliveryContent> content(String id) {
        return database.inTransaction(transaction -> transaction.first(
                "select headers, body from deliveries where id = ?",
                row -> new DeliveryContent(row.text("headers"), row.bytes("body")),
                id));
    }

    /** How many are not decided on yet. */
    public long pending() {
        // Index: deliveries_due.
        return database.inTransaction(transaction -> transaction
                .first(
                        "select count(*) as pending from deliveries where state = 'pending'",
                        row -> row.number("pending"))
                .orElse(0L));
    }

    /**
     * Removes deliveries that were decided on and are older than {@code age}, and those of deleted triggers.
     *
     * @param known how long they are recognised when they come again
     * @param limit at most so many of each kind
     * @return how many were removed: {@code limit} or more means that there may be others
     */
    public int removeOld(Duration age, Duration known, int limit) {
        // Indexes: deliveries_by_age, delivery_marks_by_age, triggers_unswept.
        int old = database.inTransaction(transaction -> transaction.update("""
                delete from deliveries where id in (
                    select id from deliveries
                    where received_at < clock_timestamp() - ? * interval '1 millisecond' and state <> 'pending'
                    order by received_at limit ? for update skip locked)
                """, age.toMillis(), limit));
        int forgotten = database.inTransaction(transaction -> transaction.update("""
                delete from delivery_marks where (trigger_id, mark) in (
                    select trigger_id, mark from delivery_marks
                    where received_at < clock_timestamp() - ? * interval '1 millisecond'
                    order by received_at limit ? for update skip locked)
                """, known.toMillis(), limit));
        int marks = database.inTransaction(transaction -> transaction.update("""
                delete from delivery_marks where (trigger_id, mark) in (
                    select m.trigger_id, m.mark from triggers t join delivery_marks m on m.trigger_id = t.id
                    where t.deleted_at is not null
                    limit ? for update of m skip locked)
                """, limit));
        int orphaned = database.inTransaction(transaction -> transaction.update("""
                delete from deliveries where id in (
                    select d.id from triggers t join deliveries d on d.trigger_id = t.id
                    where t.deleted_at is not null
                    limit ? for update of d skip locked)
                """, limit));
        database.run(transaction -> transaction.update("""
                delete from triggers t
                where t.deleted_at is not null and not exists (select from deliveries d where d.trigger_id = t.id)
                  and not exists (select from commit_statuses s where s.trigger_id = t.id)
                  and not exists (select from delivery_marks m where m.trigger_id = t.id)
                """));
        return old + forgotten + marks + orphaned;
    }
}
