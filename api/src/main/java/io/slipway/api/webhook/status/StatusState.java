package io.slipway.api.webhook.status;

import io.slipway.db.build.Failure;
import io.slipway.db.webhook.CommitProblem;
import io.slipway.db.webhook.CommitStatus;
import io.slipway.db.webhook.ToldBuild;
import java.util.Locale;

/** What can be said of a commit, whatever words its host has for it. */
enum StatusState {
    /** Its build waits. */
    PENDING,
    /** Its build runs. */
    RUNNING,
    /** There is an image. */
    SUCCESS,
    /** Its build has failed. */
    FAILURE,
    /** Its build was cancelled. */
    CANCELLED,
    /** There is no build, although there should be. */
    ERROR;

    /** The name in the API and in the database. */
    String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** What is to be said now. */
    static StatusState of(CommitStatus status) {
        ToldBuild build = status.build();
        if (build == null) {
            return ERROR;
        }
        return switch (build.state()) {
            case QUEUED -> PENDING;
            case RUNNING -> RUNNING;
            case SUCCEEDED -> SUCCESS;
            case FAILED -> FAILURE;
            case CANCELLED -> CANCELLED;
        };
    }

    /** In words, for people at the host. */
    String description(CommitStatus status) {
        Failure failure = status.build() == null ? null : status.build().failure();
        CommitProblem problem = status.problem();
        return switch (this) {
            case PENDING -> "The build is queued";
            case RUNNING -> "The build is running";
            case SUCCESS -> "The build has succeeded";
            case FAILURE -> "The build has failed" + (failure == null ? "" : ": " + failure.code());
            case CANCELLED -> "The build was cancelled";
            case ERROR -> problem == null ? "There is no build any more" : problem.text();
        };
    }
}
