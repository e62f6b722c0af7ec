package io.slipway.api.launch;

import java.io.IOException;
import java.net.URI;
import java.util.List;

/** Where workers run. The one home so far is {@link LocalLauncher}: processes on this machine. */
interface WorkerLauncher {
    /**
     * Starts a worker that asks {@code api} for one build, runs it and ends.
     *
     * @param id the worker's id, {@code wrk_…}
     * @param token the bearer token that it shows when it asks for a build
     * @param api base URL of the API
     */
    LaunchedWorker launch(String id, String token, URI api) throws IOException;

    /** Workers that an earlier run of the service started and that still live. */
    List<LaunchedWorker> leftBehind() throws IOException;
}
