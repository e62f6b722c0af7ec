package io.slipway.db.build;

import io.slipway.db.Transaction;
import io.slipway.db.access.ProjectLimit;
import io.slipway.db.access.ProjectLimits;
import io.slipway.db.access.QueueFullException;
import org.jspecify.annotations.Nullable;

/** How many builds of a project wait, held against how many may. */
final class QueueRoom {
    /** From so few places on that are left, submissions to the project come one after the other. */
    private static final int NEARLY_FULL = 50;

    /** How many wait, counted no further than to one more than may. Index: builds_claimable. */
    static final String QUEUED = """
            select count(*) as queued from (
                select from builds where project = ? and state = 'queued' and context_path is not null limit ?) waiting
            """;

    private QueueRoom() {}

    /**
     * Refuses what is one too many, within the transaction that has added it.
     *
     * @param limits those of projects that have none of their own
     * @throws QueueFullException if the project has more builds in the queue than it may have
     */
    static void require(Transaction transaction, String project, ProjectLimits limits) {
        Long most = most(transaction, project, limits);
        if (most == null || queued(transaction, project, most) + NEARLY_FULL < most) {
            return;
        }
        // What others are adding must be counted as well. Not the row of project_queues, which claims lock.
        transaction.first("select pg_advisory_xact_lock(hashtextextended('queue of ' || ?, 0))", _ -> true, project);
        if (queued(transaction, project, most) > most) {
            throw new QueueFullException(project, most);
        }
    }

    private static @Nullable Long most(Transaction transaction, String project, ProjectLimits limits) {
        return transaction
                .first(
                        "select value from project_limits where project = ? and name = ?",
                        row -> row.number("value"),
                        project,
                        ProjectLimit.QUEUED_BUILDS.wireName())
                .orElse(limits.orNull(ProjectLimit.QUEUED_BUILDS));
    }

    private static long queued(Transaction transaction, String project, long most) {
        return transaction
                .first(QUEUED, row -> row.number("queued"), parameters(project, most))
                .orElse(0L);
    }

    /** Of {@link #QUEUED}. */
    static @Nullable Object[] parameters(String project, long most) {
        return new @Nullable Object[] {project, most + 1};
    }
}
