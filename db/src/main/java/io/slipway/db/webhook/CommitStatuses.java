package io.slipway.db.webhook;

import io.slipway.db.Database;
import io.slipway.db.Transaction;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is to be said to git hosts: noted within the transactions in which it happens, sent by whichever service claims it. Of a commit and a context one
 * thing is sent at a time, and always what is true then: so nothing overtakes anything. Thread-safe.
 */
public final class CommitStatuses {
    private static final String COLUMNS = "s.*, " + ToldBuild.COLUMNS + ", clock_timestamp() as read_at";

    private final Database database;

    /** @param database migrated */
    public CommitStatuses(Database database) {
        this.database = database;
    }

    /**
     * Notes that there is something to be said of a commit.
     *
     * @param transaction the one in which it happens
     * @param buildId its build, whose changes are said from then on, or null if there is none
     * @param problem why there is none, or null
     */
    public static void note(
            Transaction transaction,
            String triggerId,
            String commitId,
            String context,
            @Nullable String buildId,
            @Nullable CommitProblem problem,
            String ref,
            String serviceUrl) {
        transaction.update(
                """
                insert into commit_statuses (trigger_id, commit_id, context, build_id, problem, problem_file, problem_line, ref, service_url)
                values (?, ?, ?, ?, ?, ?, ?, ?, ?)
                on conflict (trigger_id, commit_id, context) do update
                set build_id = excluded.build_id, problem = excluded.problem, problem_file = excluded.problem_file,
                    problem_line = excluded.problem_line, ref = excluded.ref, service_url = excluded.service_url,
                    happened = commit_statuses.happened + 1, attempts = 0, changed_at = clock_timestamp()
                """,
                triggerId,
                commitId,
                context,
                buildId,
                problem == null ? null : problem.text(),
                problem == null ? null : problem.dockerfile(),
                problem == null ? null : problem.line(),
                ref,
                serviceUrl);
    }

    /**
     * Claims what is to be sent, longest due first.
     *
     * @param limit at most so many
     * @param hold how long nothing else is sent of the same; longer than sending takes
     */
    public List<CommitStatus> claim(int limit, Duration hold) {
        // Index: commit_statuses_behind.
        return database.inTransaction(
                transaction -> transaction.list("""
                with next as (
                    select trigger_id, commit_id, context from commit_statuses
                    where sent < happened and due_at <= clock_timestamp()
                    order by due_at limit ?
                    for update skip locked),
                claimed as (
                    update commit_statuses c
                    set claim = nextval('delivery_claims'), due_at = clock_timestamp() + ? * interval '1 millisecond'
                    from next n
                    where c.trigger_id = n.trigger_id and c.commit_id = n.commit_id and c.context = n.context
                    returning c.*)
                select %s from claimed s left join builds b on b.id = s.build_id
                """.formatted(COLUMNS), CommitStatus::from, limit, hold.toMillis()));
    }

    /**
     * Notes that a check run is about to be made: should its id never be noted, it is to be looked for before another one is made.
     *
     * @param of what it will tell of
     * @throws ClaimLostException if the status is not this claim's any more
     */
    public void openingCheckRun(CommitStatus status, String of) {
        database.run(transaction -> {
            int rows = transaction.update(
                    """
                    update commit_statuses set check_run = null, check_run_of = ?
                    where trigger_id = ? and commit_id = ? and context = ? and claim = ?
                    """, of, status.triggerId(), status.commitId(), status.context(), status.claim());
            if (rows == 0) {
                throw new ClaimLostException(status.context() + " of " + status.commitId());
            }
        });
    }

    /**
     * Notes that what was claimed was said, or needs not be.
     *
     * @param state what the host knows now
     * @param checkRun by which check run, or null if by none
     */
    public void sent(CommitStatus status, String state, @Nullable CheckRun checkRun) {
        database.run(transaction -> transaction.update(
                """
                update commit_statuses
                set sent = ?, sent_state = ?, check_run_of = ?, check_run = ?, error = null, attempts = 0, due_at = clock_timestamp()
                where trigger_id = ? and commit_id = ? and context = ? and claim = ?
                """,
                status.happened(),
                state,
                checkRun == null ? null : checkRun.of(),
                checkRun == null ? null : checkRun.id(),
                status.triggerId(),
                status.commitId(),
                status.context(),
                status.claim()));
    }

    /** Notes that what was claimed can't be said. */
    public void refused(CommitStatus status, String error) {
        database.run(transaction -> transaction.update(
                """
                update commit_statuses set sent = ?, error = ?, attempts = 0, due_at = clock_timestamp()
                where trigger_id = ? and commit_id = ? and context = ? and claim = ?
                """,
                status.happened(),
                error,
                status.triggerId(),
                status.commitId(),
                status.context(),
                status.claim()));
    }

    /** Notes that what was claimed could not be said, and is to be tried again after a pause. */
    public void failed(CommitStatus status, String error, Duration pause) {
        database.run(transaction -> transaction.update(
                """
                update commit_statuses
                set error = ?, attempts = attempts + 1, due_at = clock_timestamp() + ? * interval '1 millisecond'
                where trigger_id = ? and commit_id = ? and context = ? and claim = ?
                """, error, pause.toMillis(), status.triggerId(), status.commitId(), status.context(), status.claim()));
    }

    /** What is said of these commits. */
    public List<CommitStatus> of(String triggerId, List<String> commitIds) {
        // Index: primary key.
        return database.inTransaction(
                transaction -> transaction.list("""
                select %s from commit_statuses s left join builds b on b.id = s.build_id
                where s.trigger_id = ? and s.commit_id = any (?)
                order by s.commit_id, s.context
                """.formatted(COLUMNS), CommitStatus::from, triggerId, commitIds));
    }

    /**
     * Removes what was sent and is older than {@code age}, and what deleted triggers have left.
     *
     * @param limit at most so many of each kind
     */
    public int removeOld(Duration age, int limit) {
        // Indexes: commit_statuses_by_age, triggers_unswept.
        return database.inTransaction(
                transaction -> transaction.update("""
                        delete from commit_statuses where ctid = any (array(
                            select ctid from commit_statuses
                            where changed_at < clock_timestamp() - ? * interval '1 millisecond' and sent >= happened
                            limit ? for update skip locked))
                        """, age.toMillis(), limit) + transaction.update("""
                        delete from commit_statuses where ctid = any (array(
                            select s.ctid from triggers t join commit_statuses s on s.trigger_id = t.id
                            where t.deleted_at is not null limit ? for update of s skip locked))
                        """, limit));
    }
}
