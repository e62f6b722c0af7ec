package io.slipway.api.launch;

import io.slipway.db.build.BuildId;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Where workers run. The one home so far is {@link LocalLauncher}: processes on this machine. */
interface WorkerLauncher {
    /**
     * Starts a worker that asks {@code api} for one build, runs it and ends.
     *
     * @param id the worker's id, {@code wrk_…}
     * @param token the bearer token that it shows when it asks for a build
     * @param api base URL of the API
     * @param build what it builds at the moment, for what is logged of it
     */
    LaunchedWorker launch(String id, String token, URI api, Supplier<Optional<BuildId>> build) throws IOException;

    /** Workers that an earlier run of the service started and that still live. */
    List<LaunchedWorker> leftBehind() throws IOException;
}
