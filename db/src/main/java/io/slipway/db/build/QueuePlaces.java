package io.slipway.db.build;

import io.slipway.db.Transaction;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds out where builds stand in the queue, reading no more than {@link QueuePlace#MOST_COUNTED} builds of it whatever its length. What it
 * says is an estimate, and of the builds that the same service may claim: others may be submitted with a higher priority, by projects whose turn comes sooner, or be cancelled.
 */
final class QueuePlaces {
    /** Indexes: primary keys; builds_claimable_by_home, from the project's first build on; builds_running, builds_running_by_project. */
    static final String OWN = """
            select b.project, coalesce(b.home, '') as home, coalesce(q.turn, 0) as turn, coalesce(l.value, ?::bigint) as most, clock_timestamp() as now,
                   (select seen_at from homes where homes.id = b.home and %s) as away_since,
                   (select count(*) from builds r where r.state = 'running' and r.project = b.project) as running_here,
                   (select count(*) from builds r where r.state = 'running' and coalesce(r.home, '') = coalesce(b.home, '')) as running,
                   (select count(*) from (
                        select from builds o
                        where coalesce(o.home, '') = coalesce(b.home, '') and o.project = b.project
                          and o.state = 'queued' and o.context_path is not null and o.priority > b.priority
                        limit ?) more_urgent)
                   + (select count(*) from (
                        select from builds o
                        where coalesce(o.home, '') = coalesce(b.home, '') and o.project = b.project
                          and o.state = 'queued' and o.context_path is not null and o.priority = b.priority and (o.queued_at, o.id) < (b.queued_at, b.id)
                        limit ?) older) as ahead
            from builds b
            left join project_queues q on q.project = b.project
            left join project_limits l on l.project = b.project and l.name = 'concurrentBuilds'
            where b.id = ? and b.state = 'queued' and b.context_path is not null
            """.formatted(Homes.IS_AWAY);

    /**
     * Indexes: project_queues_waiting, in its order; builds_claimable_by_home. Of each project at least one build is counted, or none if the build is
     * its project's first and has its turn sooner.
     */
    static final String OTHERS = """
            select count(*) as ahead from (
                select from (
                    select project, turn from project_queues
                    where waiting and project <> ?
                    order by turn, project limit ?) q
                cross join lateral (
                    select from builds o
                    where coalesce(o.home, '') = ? and o.project = q.project and o.state = 'queued' and o.context_path is not null
                    limit ?::bigint + case when (q.turn, q.project) < (?::bigint, ?) then 1 else 0 end) theirs
                limit ?) counted
            """;

    private QueuePlaces() {}

    private record Own(
            String project,
            String home,
            long ahead,
            long turn,
            long runningHere,
            long running,
            @Nullable Long most,
            Instant now,
            @Nullable Instant awaySince) {
        boolean isAtLimit() {
            return most != null && runningHere >= most;
        }
    }

    static Optional<QueuePlace> of(Transaction transaction, BuildId id, @Nullable Long most) {
        return own(transaction, id, most).map(own -> {
            long ahead = Math.min(QueuePlace.MOST_COUNTED, own.ahead() + others(transaction, own));
            return new QueuePlace(
                    ahead,
                    own.isAtLimit() ? own.most() : null,
                    expectedStart(transaction, own, ahead),
                    own.awaySince());
        });
    }

    private static Optional<Own> own(Transaction transaction, BuildId id, @Nullable Long most) {
        return transaction.first(
                OWN,
                row -> new Own(
                        row.text("project"),
                        row.text("home"),
                        row.number("ahead"),
                        row.number("turn"),
                        row.number("running_here"),
                        row.number("running"),
                        row.numberOrNull("most"),
                        row.time("now"),
                        row.timeOrNull("away_since")),
                most,
                QueuePlace.MOST_COUNTED,
                QueuePlace.MOST_COUNTED,
                id.value());
    }

    /**
     * Builds of other projects that come first: each project has a turn before each of this one's builds that are ahead, and before the build
     * itself if its turn is sooner.
     */
    private static long others(Transaction transaction, Own own) {
        return transaction
                .first(
                        OTHERS,
                        row -> row.number("ahead"),
                        own.project(),
                        QueuePlace.MOST_COUNTED,
                        own.home(),
                        own.ahead(),
                        own.turn(),
                        own.project(),
                        QueuePlace.MOST_COUNTED)
                .orElse(0L);
    }

    /** As if what runs now were always as much, and each build took as long as the last ones did. */
    private static @Nullable Instant expectedStart(Transaction transaction, Own own, long ahead) {
        long slots = own.isAtLimit() ? own.runningHere() : own.running();
        if (slots == 0 || own.awaySince() != null || ahead >= QueuePlace.MOST_COUNTED) {
            return null;
        }
        // Index: builds_by_end.
        Double millis = transaction
                .first("""
                        select avg(extract(epoch from finished_at - started_at)) * 1000 as millis from (
                            select started_at, finished_at from builds
                            where finished_at is not null and started_at is not null
                            order by finished_at desc limit 50) ended
                        """, row -> Optional.ofNullable(row.decimalOrNull("millis")))
                .flatMap(average -> average)
                .orElse(null);
        long turns = (own.isAtLimit() ? own.ahead() : ahead) + 1;
        return millis == null ? null : own.now().plusMillis(Math.round(turns * millis / slots));
    }
}
