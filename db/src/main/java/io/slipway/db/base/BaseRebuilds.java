package io.slipway.db.base;

import io.slipway.db.Channel;
import io.slipway.db.Database;
import io.slipway.db.Row;
import io.slipway.db.Transaction;
import io.slipway.db.build.BuildCause;
import io.slipway.db.build.BuildId;
import io.slipway.db.webhook.Deliveries;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which builds are to be done again since a base of theirs has moved: the newest image of each branch and tag, once for each base and digest. What is
 * to be done is stored as a delivery of the trigger. Thread-safe.
 */
public final class BaseRebuilds {
    /**
     * SQL for what has moved, with a further condition. Left out is what was done about already; what can't be told, since the image is newer than
     * the last look at its base; and, for now, a ref of which another build is under way, or is to be: that one finds the base as it is.
     */
    private static final String MOVED = """
            select n.trigger_id, n.ref, n.build_id, n.reference, n.digest, w.digest as now
            from (%s) n
            join watched_bases w on w.owner = n.owner and w.reference = n.reference
            join builds b on b.id = n.build_id
            where w.digest <> n.digest and w.checked_at >= b.finished_at
              and not exists (
                select from base_rebuilds x
                where x.build_id = n.build_id and x.reference = n.reference and x.digest = w.digest)
              and not exists (
                select from build_causes c join bases s on s.build_id = c.build_id
                where c.rebuild_of = n.build_id and s.reference = n.reference and s.digest = w.digest)
              and not exists (
                select from build_causes c join builds u on u.id = c.build_id
                where c.trigger_id = n.trigger_id and c.ref = n.ref and (u.created_at, u.id) > (b.created_at, b.id)
                  and u.state in ('queued', 'running'))
              and not exists (
                select from deliveries d where d.rebuild_of = n.build_id and d.state = 'pending')
              and %s
            """;

    private final Database database;

    /** @param database migrated */
    public BaseRebuilds(Database database) {
        this.database = database;
    }

    private record Ref(String triggerId, String ref) {}

    /**
     * Notes what is to be done again, and wakes those who work off deliveries.
     *
     * @param claim only because of this base; null: because of any
     * @param now for new ids
     * @return how many builds are to be done again
     */
    public int note(@Nullable ClaimedBase claim, Instant now) {
        String owner = claim == null ? null : claim.owner();
        String reference = claim == null ? null : claim.reference();
        List<Ref> refs = database.inTransaction(transaction -> transaction.list(
                "select distinct trigger_id, ref from ("
                        + MOVED.formatted(Needed.ROWS, "(?::text is null or (n.owner = ? and n.reference = ?))")
                        + ") moved order by trigger_id, ref",
                row -> new Ref(row.text("trigger_id"), row.text("ref")),
                owner,
                owner,
                reference));
        int noted = 0;
        for (Ref ref : refs) {
            Optional<String> delivery =
                    database.inTransaction(transaction -> note(transaction, ref, Deliveries.newId(now)));
            delivery.ifPresent(id -> database.notify(Channel.DELIVERIES, id));
            noted += delivery.isPresent() ? 1 : 0;
        }
        return noted;
    }

    /** All bases of one ref that have moved, unless another service has just noted it. */
    private static Optional<String> note(Transaction transaction, Ref ref, String id) {
        boolean locked = transaction
                .first(
                        "select true as locked from built_refs where trigger_id = ? and ref = ? for update",
                        row -> row.flag("locked"),
                        ref.triggerId(),
                        ref.ref())
                .isPresent();
        if (!locked) {
            return Optional.empty();
        }
        return transaction
                .first(
                        """
                        with moved as (%s),
                        noted as (
                            insert into base_rebuilds (build_id, reference, digest)
                            select distinct build_id, reference, now from moved on conflict do nothing
                            returning build_id)
                        select c.build_id, c.service_url,
                            json_build_object('event', c.event, 'ref', c.ref, 'commit', c.commit_id, 'build', c.build_id,
                                'bases', (
                                    select json_agg(json_build_object(
                                        'reference', m.reference, 'from', m.digest, 'to', m.now) order by m.reference)
                                    from (select distinct reference, digest, now from moved) m))::text as body
                        from build_causes c
                        where c.build_id = (select build_id from noted limit 1)
                        """.formatted(MOVED.formatted(Needed.ROWS, "n.trigger_id = ? and n.ref = ?")),
                        Body::from,
                        ref.triggerId(),
                        ref.ref())
                .map(body -> {
                    Deliveries.storeRebuild(
                            transaction, id, ref.triggerId(), body.build(), body.json(), body.serviceUrl());
                    return id;
                });
    }

    private record Body(BuildId build, String serviceUrl, String json) {
        static Body from(Row row) {
            return new Body(new BuildId(row.text("build_id")), row.text("service_url"), row.text("body"));
        }
    }

    /**
     * Notes, within the transaction that queues it and behind {@link BuildCause#note}, that a build is there because bases have moved: whatever it finds
     * them to be, it is not done again for the same.
     *
     * @param first whether nobody has asked for it by hand
     * @throws NewerBuildException if there is a newer build of the ref that has not failed, and it is the {@code first}
     */
    public static void queued(Transaction transaction, BuildCause cause, BuildId build, boolean first) {
        if (first) {
            transaction
                    .first(
                            """
                            select c.build_id, b.state = 'succeeded' as made
                            from build_causes c join builds b on b.id = c.build_id
                            where c.trigger_id = ? and c.ref = ?
                              and (b.created_at, b.id) > (select n.created_at, n.id from builds n where n.id = ?) and c.build_id <> ?
                              and b.state in ('queued', 'running', 'succeeded')
                            order by b.created_at desc, b.id desc limit 1
                            """,
                            row -> new NewerBuildException(row.text("build_id"), row.flag("made")),
                            cause.triggerId(),
                            cause.ref(),
                            cause.rebuildOf(),
                            build.value())
                    .ifPresent(newer -> {
                        throw newer;
                    });
        }
        transaction.update("""
                insert into base_rebuilds (build_id, reference, digest)
                select distinct ?, m ->> 'reference', m ->> 'to' from jsonb_array_elements(?::jsonb) m
                """, build.value(), cause.moved());
    }

    /**
     * Whether an image is among what its own bases were rebuilt for: then it would be rebuilt for itself, again and again.
     *
     * @param digests what its bases mean now
     */
    public boolean isLoop(String triggerId, String ref, List<String> digests) {
        // Indexes: builds_by_digest, primary keys. Of builds with one digest the newest counts. A build is looked at
        // once, so it ends.
        return database.inTransaction(transaction -> transaction
                .first("""
                        with recursive chain as (
                            select m.build_id from unnest(?::text[]) d (digest) cross join lateral (
                                select c.build_id from builds b join build_causes c on c.build_id = b.id
                                where b.digest = d.digest and b.state = 'succeeded' order by b.id desc limit 1) m
                            union
                            select m.build_id
                            from chain h join build_causes r on r.build_id = h.build_id
                            cross join lateral jsonb_array_elements(coalesce(r.moved, '[]')) e
                            cross join lateral (
                                select c.build_id from builds b join build_causes c on c.build_id = b.id
                                where b.digest = e ->> 'to' and b.state = 'succeeded' order by b.id desc limit 1) m)
                        select exists (
                            select from chain h join build_causes c on c.build_id = h.build_id
                            where c.trigger_id = ? and c.ref = ?) as loops
                        """, row -> row.flag("loops"), digests, triggerId, ref)
                .orElse(false));
    }

    /**
     * Takes back what {@link #note} has noted: the build is not done again for it now, and is looked at again when the newer one has ended.
     *
     * @param build that was to be done again
     * @param digests what its bases mean, by their whole names
     */
    public void takeBack(String build, Map<String, String> digests) {
        database.run(transaction -> digests.forEach((reference, digest) -> transaction.update(
                "delete from base_rebuilds where build_id = ? and reference = ? and digest = ?",
                build,
                reference,
                digest)));
    }

    /** Forgets a branch or tag that is gone: its image is not done again any more. */
    public void forget(String triggerId, String ref) {
        database.run(transaction ->
                transaction.update("delete from built_refs where trigger_id = ? and ref = ?", triggerId, ref));
    }
}
