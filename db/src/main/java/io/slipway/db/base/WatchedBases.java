package io.slipway.db.base;

import io.slipway.db.Channel;
import io.slipway.db.Database;
import io.slipway.db.Transaction;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Bases that are watched, one row for each name and for whoever asks: looked at by whichever service claims it. All times are the database's.
 * Thread-safe.
 */
public final class WatchedBases {
    /** A base is looked at no sooner after the last time, however often its registry tells that it has moved. */
    static final Duration LEAST_PAUSE = Duration.ofSeconds(5);

    /** A new one is looked at within so long: then its owner sees soon whether that can be done. */
    private static final Duration FIRST_CHECK = Duration.ofSeconds(5);

    private final Database database;

    /** @param database migrated */
    public WatchedBases(Database database) {
        this.database = database;
    }

    /**
     * Brings the list to what is needed now: new ones are added, others dropped; and those are due of which a newer image says something else
     * than the last look at them.
     *
     * @param poll how often each is looked at, or null if only when its registry tells
     */
    public void refresh(@Nullable Duration poll) {
        database.run(transaction -> {
            add(transaction, null, null);
            transaction.update("""
                    delete from watched_bases where (owner, reference) in (
                        select owner, reference from watched_bases w
                        where not exists (select from (%s) n where n.owner = w.owner and n.reference = w.reference)
                        for update skip locked)
                    """.formatted(Needed.ROWS));
            if (poll != null) {
                // Where there was another setting before. Index: none, of a list that is short.
                transaction.update("""
                        update watched_bases set due_at = clock_timestamp() + random() * ? * interval '1 millisecond'
                        where (owner, reference) in (
                            select owner, reference from watched_bases
                            where claim is null and attempts = 0
                              and (due_at is null or due_at > clock_timestamp() + 2 * ? * interval '1 millisecond')
                            for update skip locked)
                        """, poll.toMillis(), poll.toMillis());
            }
            transaction.update("""
                    update watched_bases set due_at = clock_timestamp()
                    where (owner, reference) in (
                        select owner, reference from watched_bases w
                        where w.claim is null and w.attempts = 0 and (w.due_at is null or w.due_at > clock_timestamp())
                          and exists (
                            select from (%s) n join builds b on b.id = n.build_id
                            where n.owner = w.owner and n.reference = w.reference and n.digest <> w.digest
                              and b.finished_at > w.checked_at)
                        for update skip locked)
                    """.formatted(Needed.ROWS));
        });
    }

    /** Adds what is needed and not there; of a project or all, and of these names or all. In one order, so that two services don't wait for each other. */
    private static void add(
            Transaction transaction, @Nullable String project, @Nullable Collection<String> references) {
        List<String> names = references == null ? null : List.copyOf(references);
        transaction.update(
                """
                insert into watched_bases (owner, reference, due_at)
                select distinct owner, reference, clock_timestamp() + random() * ? * interval '1 millisecond'
                from (%s) n
                where (?::text is null or n.project = ?) and (?::text[] is null or n.reference = any (?))
                order by owner, reference
                on conflict do nothing
                """.formatted("select distinct owner, reference, project from (" + Needed.ROWS + ") each"),
                FIRST_CHECK.toMillis(),
                project,
                project,
                names,
                names);
    }

    /**
     * Makes bases due of which a registry tells that they have moved. Whether they have is for those to find out who look.
     *
     * @param project whose registry it is: only what it watches counts; null for all
     * @param references whole names; those that nobody watches are passed over
     */
    public void asked(@Nullable String project, Collection<String> references) {
        List<String> names = List.copyOf(references);
        database.run(transaction -> {
            add(transaction, project, names);
            // One that is being looked at is due again after it; one that could not be looked at is not asked at will.
            transaction.update("""
                    update watched_bases w
                    set asked_at = clock_timestamp(),
                        due_at = case when claim is null
                            then greatest(
                                clock_timestamp(),
                                claimed_at + ? * least(attempts + 1, 12) * interval '1 millisecond') else due_at end
                    where (owner, reference) in (
                        select owner, reference from watched_bases c
                        where c.reference = any (?) and (?::text is null or exists (
                            select from (%s) n
                            where n.project = ? and n.owner = c.owner and n.reference = c.reference))
                        order by owner, reference for update)
                    """.formatted(Needed.ROWS), LEAST_PAUSE.toMillis(), names, project, project);
        });
        database.notify(Channel.BASES, "");
    }

    /**
     * Claims bases that are due, longest due first.
     *
     * @param limit at most so many
     * @param hold how long others leave them alone; see {@link #renew}
     */
    public List<ClaimedBase> claim(int limit, Duration hold) {
        // Index: watched_bases_due.
        return database.inTransaction(transaction -> transaction.list(
                """
                with next as (
                    select owner, reference from watched_bases where due_at <= clock_timestamp()
                    order by due_at limit ?
                    for update skip locked)
                update watched_bases w
                set claim = nextval('delivery_claims'), claimed_at = clock_timestamp(),
                    due_at = clock_timestamp() + ? * interval '1 millisecond'
                from next n where w.owner = n.owner and w.reference = n.reference
                returning w.*
                """,
                row -> new ClaimedBase(
                        row.text("owner").isEmpty() ? null : row.text("owner"),
                        row.text("reference"),
                        row.textOrNull("digest"),
                        row.integer("attempts"),
                        row.number("claim")),
                limit,
                hold.toMillis()));
    }

    /** Keeps claims for {@code hold} from now on; those that were lost stay lost. */
    public void renew(Collection<ClaimedBase> claims, Duration hold) {
        database.run(transaction -> transaction.batch(
                """
                update watched_bases set due_at = clock_timestamp() + ? * interval '1 millisecond'
                where owner = ? and reference = ? and claim = ?
                """,
                claims.stream()
                        .sorted(Comparator.comparing(ClaimedBase::owner).thenComparing(ClaimedBase::reference))
                        .map(claim ->
                                new @Nullable Object[] {hold.toMillis(), claim.owner(), claim.reference(), claim.claim()
                                })
                        .toList()));
    }

    /**
     * Notes what a base means. If its registry has told meanwhile that it has moved, it is looked at once more.
     *
     * @param next how long until the next time; null: when the registry tells
     */
    public void answered(ClaimedBase claim, String digest, @Nullable Duration next) {
        database.run(transaction -> transaction.update(
                """
                update watched_bases
                set moved_at = case when digest <> ? then claimed_at else moved_at end,
                    digest = ?, checked_at = claimed_at, attempts = 0, error = null, claim = null,
                    due_at = case when asked_at > claimed_at
                        then clock_timestamp() + ? * interval '1 millisecond'
                        else clock_timestamp() + ?::bigint * interval '1 millisecond' end
                where owner = ? and reference = ? and claim = ?
                """,
                digest,
                digest,
                LEAST_PAUSE.toMillis(),
                next == null ? null : next.toMillis(),
                claim.owner(),
                claim.reference(),
                claim.claim()));
    }

    /** Notes that a base could not be looked at, and is to be again after a pause. */
    public void failed(ClaimedBase claim, String error, Duration pause) {
        database.run(transaction ->
                transaction.update("""
                update watched_bases
                set attempts = attempts + 1, error = ?, claim = null,
                    due_at = clock_timestamp() + ? * interval '1 millisecond'
                where owner = ? and reference = ? and claim = ?
                """, error, pause.toMillis(), claim.owner(), claim.reference(), claim.claim()));
    }

    /** Puts off whatever else is to be asked of a host that gives no answer. */
    public void putOff(String host, Duration pause) {
        database.run(transaction -> transaction.update("""
                update watched_bases set due_at = clock_timestamp() + ? * interval '1 millisecond'
                where (owner, reference) in (
                    select owner, reference from watched_bases
                    where split_part(reference, '/', 1) = ? and claim is null
                      and due_at < clock_timestamp() + ? * interval '1 millisecond'
                    for update skip locked)
                """, pause.toMillis(), host, pause.toMillis()));
    }

    /** Gives a claim back, to be claimed again at once. */
    public void giveBack(ClaimedBase claim) {
        database.run(transaction -> transaction.update("""
                update watched_bases set claim = null, due_at = clock_timestamp()
                where owner = ? and reference = ? and claim = ?
                """, claim.owner(), claim.reference(), claim.claim()));
    }

    /**
     * The bases that are watched for a project, by name.
     *
     * @param after only those behind this name; empty for the first
     * @param limit at most so many
     */
    public List<WatchedBase> list(String project, String after, int limit) {
        return database.inTransaction(
                transaction -> transaction.list("""
                select n.reference, count(*) as refs,
                    max(w.digest) as digest, max(w.moved_at) as moved_at, max(w.checked_at) as checked_at,
                    min(w.due_at) as due_at, coalesce(max(w.attempts), 0) as attempts, max(w.error) as error
                from (%s) n left join watched_bases w on w.owner = n.owner and w.reference = n.reference
                where n.project = ? and n.reference > ?
                group by n.reference order by n.reference limit ?
                """.formatted(Needed.ROWS), WatchedBase::from, project, after, limit));
    }

    /** How many are watched. */
    public long count() {
        return database.inTransaction(transaction -> transaction
                .first("select count(*) as bases from watched_bases", row -> row.number("bases"))
                .orElse(0L));
    }
}
