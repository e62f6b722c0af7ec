package io.slipway.db.build;

/** What a request to cancel a build came to. */
public sealed interface CancelOutcome {
    /** There is no such build. */
    record Unknown() implements CancelOutcome {}

    /** The build is cancelled, now or already. */
    record Cancelled() implements CancelOutcome {}

    /** The build runs; its worker is told. */
    record Requested() implements CancelOutcome {}

    /** Too late: the build had ended otherwise. */
    record Finished(BuildState state) implements CancelOutcome {}
}
