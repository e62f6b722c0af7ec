package io.slipway.db.build;

import io.slipway.db.Database;
import io.slipway.db.Transaction;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The homes that the files of builds lie in, and when the service of each was last seen (table {@code homes}), by the database's clock. docs/decisions/0028 has the
 * reasons. Thread-safe.
 */
public final class Homes {
    /** A service that was not seen for so long is away. */
    public static final Duration AWAY_AFTER = Duration.ofMinutes(1);

    private static final String UNSEEN =
            "seen_at < clock_timestamp() - interval '" + AWAY_AFTER.toSeconds() + " seconds'";

    /** Of a row of {@code homes}; not of those whose silence says nothing. */
    static final String IS_AWAY = "reporting and " + UNSEEN;

    private static final String CLAIMABLE = "state = 'queued' and context_path is not null";

    /** Index: builds_claimable_by_home, of which one entry of each home is read (a loose index scan). */
    static final String NOTE_UNKNOWN = """
                with recursive waiting (home) as (
                    (select coalesce(home, '') from builds where %1$s order by coalesce(home, '') limit 1)
                    union all
                    select (
                        select coalesce(home, '') from builds
                        where %1$s and coalesce(home, '') > waiting.home order by coalesce(home, '') limit 1)
                    from waiting where waiting.home is not null)
                insert into homes (id)
                select home from waiting w
                where home <> '' and not exists (select from homes h where h.id = w.home)
                order by home
                on conflict (id) do nothing
                """.formatted(CLAIMABLE);

    /** Index: builds_claimable_by_home, one entry for each home that is away. */
    static final String ABSENT = """
                select id, seen_at, extract(epoch from clock_timestamp() - seen_at) * 1000 as away
                from homes h
                where id <> ? and %s
                  and exists (select from builds where %s and coalesce(home, '') = h.id)
                order by seen_at, id limit ?
                """.formatted(UNSEEN, CLAIMABLE);

    /** Index: builds_claimable_by_home. */
    static final String WAITING = """
                        select count(*) as waiting
                        from (select id from homes where %s) away join builds on coalesce(home, '') = away.id
                        where %s
                        """.formatted(IS_AWAY, CLAIMABLE);

    /** Indexes: builds_claimable_by_home, builds_running, builds_by_end from the newest to those of that age. */
    static final String SIGNS = """
                update homes set seen_at = signs.at
                from (
                    select greatest(
                        (select max(greatest(created_at, attempt_started_at)) from builds
                         where %s and coalesce(home, '') = ?),
                        (select max(case when lease_until > clock_timestamp() then clock_timestamp() else attempt_started_at end)
                         from builds where state = 'running' and home = ?),
                        (select max(attempt_started_at) from builds
                         where finished_at > clock_timestamp() - ? * interval '1 millisecond' and started_at is not null
                           and home = ?)) as at) signs
                where id = ? and seen_at < signs.at
                """.formatted(CLAIMABLE);

    private final Database database;

    /** @param database migrated */
    public Homes(Database database) {
        this.database = database;
    }

    /** Notes that the service of the home is there. */
    public void seen(String home) {
        // Index: primary key. Touches no indexed column: a heap-only update, in one round trip.
        var _ = database.first("""
                insert into homes (id, reporting) values (?, true)
                on conflict (id) do update set seen_at = clock_timestamp(), reporting = true
                returning id
                """, row -> row.text("id"), home);
    }

    /** Notes homes that builds wait for and that nothing is known of: their services are of an older version, or were. */
    public void noteUnknown() {
        database.run(transaction -> transaction.update(NOTE_UNKNOWN));
    }

    /**
     * Homes that builds wait for and whose services were not seen for {@link #AWAY_AFTER}, those first that were not for longest.
     *
     * @param own not this one
     * @param most at most so many
     */
    public List<AbsentHome> absent(String own, int most) {
        return database.inTransaction(transaction -> transaction.list(
                ABSENT,
                row -> new AbsentHome(
                        row.text("id"), row.time("seen_at"), Duration.ofMillis((long) row.decimal("away"))),
                own,
                most));
    }

    /** How many builds could be claimed if the services that have their contexts were not away. */
    public long waiting() {
        return database.first(WAITING, row -> row.number("waiting")).orElse(0L);
    }

    /**
     * Looks for what only the service of the home can have done since it was last seen: it has taken builds, from callers or from the queue. One of an older version does not
     * say otherwise that it is there.
     *
     * @param age how long ago that may have been to be found in any case
     */
    public void lookForSigns(String home, Duration age) {
        database.run(transaction -> transaction.update(SIGNS, home, home, age.toMillis(), home, home));
    }

    /**
     * When the service of the home was last seen, if that is longer ago than {@code limit}; it can't be seen again before the transaction has ended.
     */
    static Optional<Instant> lockLost(Transaction transaction, String home, Duration limit) {
        // Index: primary key.
        return transaction.first(
                "select seen_at from homes where id = ? and seen_at < clock_timestamp() - ? * interval '1 millisecond' for share",
                row -> row.time("seen_at"),
                home,
                limit.toMillis());
    }

    /**
     * Removes homes whose services were not seen for long, unless they have builds that have not ended.
     *
     * @param age how long
     * @param limit at most so many
     * @return how many were removed
     */
    public int removeOld(Duration age, int limit) {
        // Indexes: builds_claimable_by_home, builds_running. Services on one database don't wait for each other.
        return database.inTransaction(
                transaction -> transaction.update("""
                delete from homes where id in (
                    select id from homes h
                    where seen_at < clock_timestamp() - ? * interval '1 millisecond'
                      and not exists (select from builds where %s and coalesce(home, '') = h.id)
                      and not exists (select from builds where state = 'running' and home = h.id)
                    order by seen_at limit ? for update skip locked)
                """.formatted(CLAIMABLE), age.toMillis(), limit));
    }
}
