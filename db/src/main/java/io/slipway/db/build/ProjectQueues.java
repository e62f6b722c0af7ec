package io.slipway.db.build;

import io.slipway.db.Transaction;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Whose turn it is: projects that have builds to claim take turns, the one that was served longest ago is next (table {@code
 * project_queues}). docs/decisions/0016-taking-turns.md has the reasons.
 *
 * <p>A row whose {@code waiting} is false must never hide a build that can be claimed. So whoever makes a build claimable locks the row FOR
 * KEY SHARE until its own commit ({@link #join}), many at once; and {@code waiting} is only taken back by somebody who has the row FOR UPDATE,
 * which those locks keep out, and looks for builds in a later statement, which sees all that was committed before ({@link #leave}). A
 * claim has the row FOR NO KEY UPDATE: it goes along with those who join, and keeps out other claims for the project, so that the count of
 * what runs is right until the commit.
 */
final class ProjectQueues {
    private static final String CLAIMABLE = "state = 'queued' and context_path is not null";

    /**
     * Index: project_queues_waiting, in its order; and builds_claimable_by_home and builds_running_by_project for those that are looked at, as far as the first that is
     * not locked, passed or busy. A project that is busy has builds running: there are never more of them than those. The limit is looked at
     * outside of the inner query, so that only this is done for all that wait when the planner takes them to be few, and sorts them.
     */
    static final String NEXT = """
            select c.project
            from (
                select project from project_queues
                where waiting and project <> all (?)
                  and exists (
                      select from builds o
                      where o.project = project_queues.project and o.state = 'queued' and o.context_path is not null
                        and coalesce(o.home, '') in ('', ?))
                order by turn, project
                %s) c
            where (select count(*) from builds b where b.project = c.project and b.state = 'running')
                  < coalesce(
                      (select value from project_limits l where l.project = c.project and l.name = 'concurrentBuilds'),
                      ?::bigint,
                      9223372036854775807)
            limit 1
            """;

    /**
     * Of one home, or of none (''). Indexes: builds_claimable_by_home, in its order; builds_running_by_project; and of what the project has set the primary keys and
     * registry_credentials_project_host_repository_key.
     */
    static final String CLAIM = """
            with next as (
                select id, options ->> 'cacheScope' is null as trusted from builds
                where project = ? and state = 'queued' and context_path is not null and coalesce(home, '') = ?
                  and (select count(*) from builds r where r.project = ? and r.state = 'running')
                      < coalesce(
                          (select value from project_limits where project = ? and name = 'concurrentBuilds'),
                          ?::bigint,
                          9223372036854775807)
                order by priority desc, queued_at, id
                limit 1
                for update skip locked),
            claimed as (
                update builds b
                set state = 'running', attempt = b.attempt + 1, worker = ?, fencing_token = nextval('fencing_tokens'),
                    attempt_token_hash = ?, attempt_started_at = clock_timestamp(),
                    lease_until = clock_timestamp() + ? * interval '1 millisecond', last_sequence = 0,
                    started_at = coalesce(b.started_at, clock_timestamp()), last_entry = b.last_entry + 1
                from next
                where b.id = next.id and (next.trusted or ?)
                returning b.*),
            noted as (
                insert into log_entries (build_id, seq, at, kind, outcome)
                select id, last_entry, attempt_started_at, 'state', state from claimed),
            served as (
                update project_queues set turn = claimed.fencing_token
                from claimed where project_queues.project = claimed.project)
            select claimed.*,
                array(select name || '=' || value from project_limits l where l.project = claimed.project) as limits,
                (select document from project_policies p where p.project = claimed.project) as policy,
                exists (select from registry_credentials c where c.project = claimed.project) as registry_credentials
            from claimed
            """;

    private ProjectQueues() {}

    /** Says that the project has a build to claim, within the transaction that makes it claimable. */
    static void join(Transaction transaction, String project) {
        // Index: primary key.
        Optional<Boolean> waiting = lock(transaction, project);
        while (waiting.isEmpty()) {
            // A project that an older version has made.
            transaction.update(
                    "insert into project_queues (project, waiting) values (?, true) on conflict (project) do nothing",
                    project);
            waiting = lock(transaction, project);
        }
        if (!waiting.get()) {
            transaction.update("update project_queues set waiting = true where project = ? and not waiting", project);
        }
    }

    private static Optional<Boolean> lock(Transaction transaction, String project) {
        return transaction.first(
                "select waiting from project_queues where project = ? for key share",
                row -> row.flag("waiting"),
                project);
    }

    /**
     * Notes that the project waits no more if it has no build to claim; not if somebody is just adding one.
     *
     * @return whether it has one
     */
    static boolean leave(Transaction transaction, String project) {
        // Indexes: primary key, builds_claimable.
        if (isClaimable(transaction, project)) {
            return true;
        }
        boolean alone = transaction
                .first(
                        "select true as alone from project_queues where project = ? and waiting for update skip locked",
                        row -> row.flag("alone"),
                        project)
                .isPresent();
        if (!alone) {
            return false;
        }
        boolean claimable = isClaimable(transaction, project);
        if (!claimable) {
            transaction.update("update project_queues set waiting = false where project = ?", project);
        }
        return claimable;
    }

    /** Projects that are said to wait and have nothing to claim, any number up to {@code limit}. */
    static List<String> idle(Transaction transaction, int limit) {
        // Indexes: project_queues_waiting, builds_claimable.
        return transaction.list(
                "select project from project_queues q where waiting and not exists (select from builds b where b.project = q.project and b."
                        + CLAIMABLE.replace(" and ", " and b.") + ") limit ?",
                row -> row.text("project"),
                limit);
    }

    private static boolean isClaimable(Transaction transaction, String project) {
        return transaction
                .first(
                        "select exists (select from builds where project = ? and " + CLAIMABLE + ") as claimable",
                        row -> row.flag("claimable"),
                        project)
                .orElse(false);
    }

    /**
     * Notes that every project waits that has a build to claim. Only what an older version of the service, running beside this one, has
     * queued is not noted already.
     */
    static void find(Transaction transaction) {
        // Index: builds_claimable, of which one entry of each project is read (a loose index scan).
        transaction.update("""
                with recursive waiting (project) as (
                    (select project from builds where %1$s order by project limit 1)
                    union all
                    select (select project from builds where %1$s and project > waiting.project order by project limit 1)
                    from waiting where waiting.project is not null)
                insert into project_queues (project, waiting)
                select project, true from waiting
                where project is not null
                  and not exists (select from project_queues q where q.project = waiting.project and q.waiting)
                order by project
                on conflict (project) do update set waiting = true where not project_queues.waiting
                """.formatted(CLAIMABLE));
    }

    /**
     * The next project that may have one more build run, locked; empty if there is none.
     *
     * @param passed not one of these
     * @param home only for builds whose files lie there, or nowhere in particular
     * @param most how many builds of a project may run at the same time that says nothing else, or null: any number
     */
    static Optional<String> next(
            Transaction transaction, Collection<String> passed, @Nullable String home, @Nullable Long most) {
        Optional<String> free = next(transaction, "for no key update skip locked", passed, home, most);
        // Those that another claim has locked are given back within a moment, and may have more builds.
        return free.isPresent() ? free : next(transaction, "for no key update", passed, home, most);
    }

    /** Whether the project is the next; it is locked then. */
    static boolean isNext(Transaction transaction, String project, @Nullable String home, @Nullable Long most) {
        boolean waits = transaction
                .first(
                        "select true as waits from project_queues where project = ? and waiting for no key update",
                        row -> row.flag("waits"),
                        project)
                .isPresent();
        // Nobody changes its turn from here on.
        return waits
                && next(transaction, "", List.of(), home, most)
                        .filter(project::equals)
                        .isPresent();
    }

    private static Optional<String> next(
            Transaction transaction,
            String lock,
            Collection<String> passed,
            @Nullable String home,
            @Nullable Long most) {
        return transaction.first(NEXT.formatted(lock), row -> row.text("project"), List.copyOf(passed), home, most);
    }

    /**
     * Starts the first build of the project, by priority, then by age, and puts the project at the end of those that wait.
     *
     * @param project locked in an earlier statement: this one sees what others have claimed before
     * @param most how many builds of a project may run at the same time that says nothing else, or null: any number
     * @param home only of builds whose files lie there, or nowhere in particular
     * @param worker who gets it
     * @param attemptTokenHash SHA-256 of the token of this attempt
     * @param leaseMillis how long the worker may be silent
     * @param fresh whether the worker has done no other build: only such a one gets a build with a cache scope, which the project does not trust
     * @return empty if the project has none to claim, or as many run as may
     */
    static Optional<ClaimedBuild> claim(
            Transaction transaction,
            String project,
            @Nullable Long most,
            @Nullable String home,
            String worker,
            byte[] attemptTokenHash,
            long leaseMillis,
            boolean fresh) {
        Optional<ClaimedBuild> own = home == null
                ? Optional.empty()
                : claimOf(transaction, project, most, home, worker, attemptTokenHash, leaseMillis, fresh);
        // A follower takes nothing from behind a build that waits for a fresh worker.
        return own.isPresent() || (home != null && !fresh)
                ? own
                : claimOf(transaction, project, most, "", worker, attemptTokenHash, leaseMillis, fresh);
    }

    private static Optional<ClaimedBuild> claimOf(
            Transaction transaction,
            String project,
            @Nullable Long most,
            String home,
            String worker,
            byte[] attemptTokenHash,
            long leaseMillis,
            boolean fresh) {
        return transaction.first(
                CLAIM,
                ClaimedBuild::from,
                project,
                home,
                project,
                project,
                most,
                worker,
                attemptTokenHash,
                leaseMillis,
                fresh);
    }
}
