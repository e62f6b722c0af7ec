package io.slipway.db.webhook;

import io.slipway.db.Row;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What is to be said to a git host of a commit.
 *
 * @param triggerId of which trigger
 * @param context by which the host tells statuses of the commit apart
 * @param build its newest build, or null if there is none (any more)
 * @param problem why there is no build, or null
 * @param ref what was pushed
 * @param serviceUrl where the service is reached
 * @param happened what is sent now, counted
 * @param sentState what the host was told last, or null
 * @param checkRun the check run that tells it, or null if none was begun
 * @param error why the last attempt failed, or null
 * @param attempts how many have failed for what is to be sent
 * @param claim who holds it: what is written about it is written under this number; 0 for those who only look
 * @param changedAt when something has happened last
 * @param at when this was read, by the database's clock
 */
public record CommitStatus(
        String triggerId,
        String commitId,
        String context,
        @Nullable ToldBuild build,
        @Nullable CommitProblem problem,
        String ref,
        String serviceUrl,
        long happened,
        @Nullable String sentState,
        @Nullable CheckRun checkRun,
        @Nullable String error,
        int attempts,
        long claim,
        Instant changedAt,
        Instant at) {

    static CommitStatus from(Row row) {
        Long claim = row.numberOrNull("claim");
        String problem = row.textOrNull("problem");
        String checkRunOf = row.textOrNull("check_run_of");
        return new CommitStatus(
                row.text("trigger_id"),
                row.text("commit_id"),
                row.text("context"),
                ToldBuild.from(row),
                problem == null
                        ? null
                        : new CommitProblem(problem, row.textOrNull("problem_file"), row.integerOrNull("problem_line")),
                row.text("ref"),
                row.text("service_url"),
                row.number("happened"),
                row.textOrNull("sent_state"),
                checkRunOf == null ? null : new CheckRun(checkRunOf, row.numberOrNull("check_run")),
                row.textOrNull("error"),
                row.integer("attempts"),
                claim == null ? 0 : claim,
                row.time("changed_at"),
                row.time("read_at"));
    }
}
