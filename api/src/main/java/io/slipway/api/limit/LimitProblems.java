package io.slipway.api.limit;

import io.slipway.api.problem.ProblemException;
import io.slipway.api.problem.ProblemType;
import io.slipway.db.access.QueueFullException;
import io.slipway.protocol.ErrorCode;

/** Says which limit a request has met. */
public final class LimitProblems {
    private LimitProblems() {}

    /** There are as many builds in the project's queue as there may be. */
    public static ProblemException queueFull(String project, QueueFullException e) {
        return new ProblemException(
                        ProblemType.QUEUE_FULL,
                        "The project `" + project + "` has " + e.most()
                                + " builds in the queue, as many as it may have.")
                .with("limit", e.most());
    }

    /**
     * A context is larger than a project's may be.
     *
     * @param bytes size of its uncompressed tar
     */
    public static ProblemException contextTooLarge(long bytes, long most) {
        return new ProblemException(
                        ProblemType.CONTENT_TOO_LARGE,
                        "The context has " + bytes + " bytes, and " + most + " are allowed.")
                .with("code", ErrorCode.CONTEXT_TOO_LARGE.wireName());
    }
}
