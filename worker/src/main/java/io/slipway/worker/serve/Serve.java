package io.slipway.worker.serve;

import io.slipway.protocol.Claim;
import io.slipway.worker.build.Build;
import io.slipway.worker.build.Workspace;
import io.slipway.worker.linux.MemoryKills;
import io.slipway.worker.linux.OutOfMemory;
import io.slipway.worker.sandbox.DeniedAddresses;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * {@code serve}: gets everything ready, asks the API for a build and does it; does those of the same project that wait by then, one after
 * the other, as long as the API gives it any, and is done (docs/decisions/0011-builds-in-a-row.md).
 */
public final class Serve {
    private static final int CLAIM_ATTEMPTS = 30;
    private static final long PAUSE_MILLIS = 200;

    private Serve() {}

    /**
     * Serves one build, and those that follow it.
     *
     * @param environment {@code SLIPWAY_API} (base URL), {@code SLIPWAY_WORKER_TOKEN}, {@code SLIPWAY_HOME} and, if it is not crun,
     *     {@code SLIPWAY_RUNTIME}; with a control group of its own, {@code SLIPWAY_WORKER_MEMORY_KILLS} ({@link MemoryKills});
     *     {@code SLIPWAY_WORKER_DENIED_ADDRESSES} ({@link DeniedAddresses#parse})
     * @return the process's exit status: 0 when builds were done and reported, 1 otherwise
     */
    public static int run(Map<String, String> environment) throws IOException, InterruptedException {
        ApiClient api = new ApiClient(URI.create(required(environment, "SLIPWAY_API")));
        String token = required(environment, "SLIPWAY_WORKER_TOKEN");
        Path home = Path.of(required(environment, "SLIPWAY_HOME"));
        endFirst();
        DeniedAddresses denied = DeniedAddresses.parse(environment.get("SLIPWAY_WORKER_DENIED_ADDRESSES"));
        String kills = environment.get("SLIPWAY_WORKER_MEMORY_KILLS");
        MemoryKills memoryKills = new MemoryKills(kills == null ? null : Path.of(kills));
        try (Workspace workspace =
                Workspace.open(home, environment.getOrDefault("SLIPWAY_RUNTIME", "crun"), memoryKills, denied)) {
            Claim claim = WarmUp.run(
                    workspace, environment.getOrDefault("SLIPWAY_WORKER_ID", "worker"), () -> waiting(api, token));
            if (claim == null) {
                workspace.awaitReady();
                claim = claim(api, token);
            }
            if (claim == null) {
                return 1;
            }
            while (claim != null) {
                workspace.begin(
                        claim.spec().buildId() + "-" + claim.spec().attempt(),
                        claim.spec().scope().tenant());
                build(api, workspace, claim);
                workspace.end();
                claim = following(api, token, claim);
            }
            return 0;
        }
    }

    private static void endFirst() {
        try {
            OutOfMemory.endThisFirst();
        } catch (IOException e) {
            System.err.println("if memory runs out, this worker may not be the first to go: " + e);
        }
    }

    /** Does a build and reports on it. */
    static void build(ApiClient api, Workspace workspace, Claim claim) throws InterruptedException {
        AtomicReference<@Nullable Build> running = new AtomicReference<>();
        EventReporter reporter = new EventReporter(api, claim, () -> {
            Build build = running.get();
            if (build != null) {
                build.cancel();
            }
        });
        Build build = new Build(workspace, claim.spec(), reporter);
        running.set(build);
        Thread builder = Thread.ofVirtual().name("build").start(build::run);
        try {
            reporter.run();
        } catch (LeaseLostException e) {
            System.err.println("stopping, the lease is lost: " + e.getMessage());
            // Nothing that this process still does may count; the kernel takes its containers and mounts with it.
            Runtime.getRuntime().halt(1);
        }
        builder.join();
    }

    /** Asks for a build, as long as the API answers; null when it does not. */
    static @Nullable Claim claim(ApiClient api, String token) throws InterruptedException {
        int failures = 0;
        while (failures < CLAIM_ATTEMPTS) {
            try {
                Optional<Claim> claim = api.claim(token);
                if (claim.isPresent()) {
                    return claim.get();
                }
                failures = 0;
            } catch (IOException e) {
                failures++;
                System.err.println("no answer to a claim: " + e);
                TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
            }
        }
        return null;
    }

    /** A build that waits already: it is better off with a worker that is half ready. Null if there is none. */
    private static @Nullable Claim waiting(ApiClient api, String token) {
        try {
            return api.claimWaiting(token).orElse(null);
        } catch (IOException e) {
            // It is asked again, with patience, when the worker is ready.
            return null;
        }
    }

    /** The build that this worker is to do next; null if there is none, and its life ends. */
    private static @Nullable Claim following(ApiClient api, String token, Claim done) {
        try {
            return api.claimAfter(token, done.spec().buildId()).orElse(null);
        } catch (IOException e) {
            // Another worker does what may be waiting.
            return null;
        }
    }

    private static String required(Map<String, String> environment, String name) {
        String value = environment.get(name);
        if (value == null || value.isEmpty()) {
            throw new IllegalArgumentException(name + " is not set: workers are started by the API");
        }
        return value;
    }
}
