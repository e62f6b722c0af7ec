package io.slipway.db.webhook;

import io.slipway.db.Row;
import io.slipway.db.build.BuildState;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What is to be said to a git host of a commit.
 *
 * @param triggerId of which trigger
 * @param context by which the host tells statuses of the commit apart
 * @param buildId its newest build, or null if there is none (any more)
 * @param buildState that build's state now, or null
 * @param errorCode why that build failed, or null
 * @param problem why there is no build, in words, or null
 * @param ref what was pushed
 * @param serviceUrl where the service is reached
 * @param happened what is sent now, counted
 * @param sentState what the host was told last, or null
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
        @Nullable String buildId,
        @Nullable BuildState buildState,
        @Nullable String errorCode,
        @Nullable String problem,
        String ref,
        String serviceUrl,
        long happened,
        @Nullable String sentState,
        @Nullable String error,
        int attempts,
        long claim,
        Instant changedAt,
        Instant at) {

    static CommitStatus from(Row row) {
        String state = row.textOrNull("build_state");
        Long claim = row.numberOrNull("claim");
        return new CommitStatus(
                row.text("trigger_id"),
                row.text("commit_id"),
                row.text("context"),
                row.textOrNull("build_id"),
                state == null ? null : BuildState.parse(state).orElseThrow(),
                row.textOrNull("error_code"),
                row.textOrNull("problem"),
                row.text("ref"),
                row.text("service_url"),
                row.number("happened"),
                row.textOrNull("sent_state"),
                row.textOrNull("error"),
                row.integer("attempts"),
                claim == null ? 0 : claim,
                row.time("changed_at"),
                row.time("read_at"));
    }
}
