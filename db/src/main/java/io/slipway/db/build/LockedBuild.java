package io.slipway.db.build;

import io.slipway.db.Row;
import io.slipway.db.Transaction;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The parts of a build that decide what may be written to it; read with the row locked. */
record LockedBuild(
        BuildId id,
        String project,
        BuildState state,
        int attempt,
        int losses,
        @Nullable String worker,
        @Nullable Long fencingToken,
        long lastSequence,
        long lastEntry,
        boolean cancelRequested,
        @Nullable BuildId supersededBy) {

    /** Why it ends if it is cancelled. */
    Failure cancellation() {
        return supersededBy == null ? Failure.cancelled() : Failure.superseded(supersededBy);
    }

    private static final String COLUMNS = """
            select id, project, state, attempt, losses, worker, fencing_token, last_sequence, last_entry,
                   cancel_requested_at is not null as cancel_requested, superseded_by
            from builds
            """;

    static Optional<LockedBuild> lock(Transaction transaction, BuildId id) {
        return transaction.first(COLUMNS + "where id = ? for update", LockedBuild::from, id.value());
    }

    /**
     * Marks builds that {@code newer} takes the place of, and locks them: those of its project with the same key that have not ended, and that
     * nobody has cancelled before.
     */
    static List<LockedBuild> supersede(Transaction transaction, BuildId newer, String project, String key) {
        // Index: builds_superseded.
        transaction.update("""
                update builds
                set superseded_by = ?,
                    cancel_requested_at = case when state = 'running' then clock_timestamp() end
                where id in (
                    select id from builds
                    where project = ? and supersedes = ? and finished_at is null and cancel_requested_at is null and id <> ?
                    order by id for update)
                """, newer.value(), project, key, newer.value());
        return transaction.list(
                COLUMNS
                        + "where superseded_by = ? and project = ? and supersedes = ? and finished_at is null for update",
                LockedBuild::from,
                newer.value(),
                project,
                key);
    }

    /** Locks running builds that {@code condition} holds for, without waiting for those that somebody else works on. */
    static List<LockedBuild> lockRunning(
            Transaction transaction, String condition, int limit, @Nullable Object... parameters) {
        return transaction.list(
                COLUMNS + "where state = 'running' and (" + condition + ") limit " + limit + " for update skip locked",
                LockedBuild::from,
                parameters);
    }

    /** Locks what a worker is building, and waits for whoever works on it, such as the record of the worker's last report, but not for ever. */
    static List<LockedBuild> lockRunningOf(Transaction transaction, String worker) {
        transaction.update("set local lock_timeout = '10s'");
        // Index: builds_running.
        return transaction.list(
                COLUMNS + "where state = 'running' and worker = ? for update", LockedBuild::from, worker);
    }

    /** Locks builds that wait for a home and could be claimed there, without waiting for those that somebody else works on. */
    static List<LockedBuild> lockQueued(Transaction transaction, String home, int limit) {
        // Index: builds_claimable_by_home.
        return transaction.list(
                COLUMNS
                        + "where state = 'queued' and context_path is not null and coalesce(home, '') = ? limit ? for update skip locked",
                LockedBuild::from,
                home,
                limit);
    }

    private static LockedBuild from(Row row) {
        return new LockedBuild(
                new BuildId(row.text("id")),
                row.text("project"),
                BuildState.of(row.text("state")),
                row.integer("attempt"),
                row.integer("losses"),
                row.textOrNull("worker"),
                row.numberOrNull("fencing_token"),
                row.number("last_sequence"),
                row.number("last_entry"),
                row.flag("cancel_requested"),
                BuildId.from(row, "superseded_by"));
    }
}
