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
        boolean cancelRequested) {

    private static final String COLUMNS = """
            select id, project, state, attempt, losses, worker, fencing_token, last_sequence, last_entry,
                   cancel_requested_at is not null as cancel_requested
            from builds
            """;

    static Optional<LockedBuild> lock(Transaction transaction, BuildId id) {
        return transaction.first(COLUMNS + "where id = ? for update", LockedBuild::from, id.value());
    }

    /** Locks running builds that {@code condition} holds for, without waiting for those that somebody else works on. */
    static List<LockedBuild> lockRunning(
            Transaction transaction, String condition, int limit, @Nullable Object... parameters) {
        return transaction.list(
                COLUMNS + "where state = 'running' and (" + condition + ") limit " + limit + " for update skip locked",
                LockedBuild::from,
                parameters);
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
                row.flag("cancel_requested"));
    }
}
