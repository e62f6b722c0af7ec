package io.slipway.api.launch;

import java.util.concurrent.CompletionStage;

/** A worker that was started. Thread-safe. */
interface LaunchedWorker {
    /** Its id, {@code wrk_…}. */
    String id();

    /** Ends it and everything in its namespaces, at once; does nothing when it has ended. */
    void kill();

    /** Completes when it has ended, with a few words on how. */
    CompletionStage<String> ended();
}
