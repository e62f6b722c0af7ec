package io.slipway.api.worker;

import io.slipway.api.Shutdown;
import io.slipway.api.SlipwayProperties;
import io.slipway.api.access.AccessTokens;
import io.slipway.api.build.BuildSettings;
import io.slipway.api.diagnostic.LogFields;
import io.slipway.api.launch.DiskRoom;
import io.slipway.api.launch.FinishedBuilds;
import io.slipway.api.launch.WorkerPool;
import io.slipway.api.limit.LimitSettings;
import io.slipway.api.problem.ProblemException;
import io.slipway.api.problem.ProblemType;
import io.slipway.api.secret.MissingSecretException;
import io.slipway.db.DatabaseException;
import io.slipway.db.access.ProjectLimits;
import io.slipway.db.build.BuildId;
import io.slipway.db.build.BuildQueue;
import io.slipway.db.build.Builds;
import io.slipway.db.build.ClaimedBuild;
import io.slipway.db.build.Failure;
import io.slipway.db.build.Recorded;
import io.slipway.protocol.BuildEvent;
import io.slipway.protocol.BuildSpec;
import io.slipway.protocol.Claim;
import io.slipway.protocol.ErrorCode;
import io.slipway.protocol.EventAck;
import io.slipway.protocol.EventBatch;
import io.slipway.protocol.WireJson;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.core.JacksonException;

/** What workers ask. They show tokens of their own: one that the launcher gave them, then one for their attempt. */
@RestController
final class WorkerController {
    private static final Logger LOG = LoggerFactory.getLogger(WorkerController.class);

    /** A worker sends what it has about every 100 ms; more than this is none of ours. */
    private static final int MAX_BATCH_BYTES = 16 << 20;

    /** Notifications wake; this finds what they missed. */
    private static final Duration POLL = Duration.ofSeconds(2);

    private final BuildQueue queue;
    private final Builds builds;
    private final BuildSpecs specs;
    private final LimitSettings limits;
    private final WorkerPool pool;
    private final DiskRoom disk;
    private final FinishedBuilds finished;
    private final StepMetrics steps;
    private final QueuedBuilds queued;
    private final Shutdown shutdown;
    private final SlipwayProperties.Workers settings;

    WorkerController(
            BuildQueue queue,
            Builds builds,
            BuildSpecs specs,
            LimitSettings limits,
            WorkerPool pool,
            DiskRoom disk,
            FinishedBuilds finished,
            StepMetrics steps,
            QueuedBuilds queued,
            Shutdown shutdown,
            SlipwayProperties properties) {
        this.queue = queue;
        this.builds = builds;
        this.specs = specs;
        this.limits = limits;
        this.pool = pool;
        this.disk = disk;
        this.finished = finished;
        this.steps = steps;
        this.queued = queued;
        this.shutdown = shutdown;
        this.settings = properties.workers();
    }

    /**
     * {@code POST /internal/v1/claim}: a build as {@link Claim}, or 204 when no slot was free or no build came within the wait; with
     * {@code wait=false} there is no wait, and the worker does not count as ready yet. With {@code after}, the build that the worker has
     * just done, it is the one that is next in the queue if that is of the same project (docs/decisions/0011-builds-in-a-row.md).
     */
    @PostMapping("/internal/v1/claim")
    ResponseEntity<byte[]> claim(
            @RequestHeader(name = HttpHeaders.AUTHORIZATION, required = false) @Nullable String authorization,
            @RequestParam(name = "wait", defaultValue = "true") boolean wait,
            @RequestParam(name = "after", required = false) @Nullable String after) {
        String worker = AccessTokens.bearerToken(authorization)
                .flatMap(pool::authenticate)
                .orElseThrow(
                        () -> new ProblemException(ProblemType.UNAUTHORIZED, "This is no worker of this service."));
        if (after != null) {
            return answer(following(worker, after));
        }
        Duration limit = wait ? settings.claimWait() : Duration.ZERO;
        long deadline = System.nanoTime() + limit.toNanos();
        if (wait) {
            pool.ready(worker);
        }
        if (!pool.awaitSlot(worker, limit)) {
            return ResponseEntity.noContent().build();
        }
        DatabaseException away = null;
        boolean woken = false;
        try {
            while (!shutdown.hasBegun() && pool.mayBuild(worker)) {
                woken = false;
                try {
                    if (away != null) {
                        // It may have given the worker a build and gone away before it could say so.
                        queue.handBack(worker);
                        away = null;
                    }
                    Optional<Claim> claim = tryClaim(worker, null);
                    if (claim.isPresent()) {
                        return answer(claim);
                    }
                } catch (DatabaseException e) {
                    // A worker that waits anyway can wait for the database, too.
                    away = e;
                }
                Duration left = Duration.ofNanos(deadline - System.nanoTime());
                if (!left.isPositive()) {
                    break;
                }
                woken = queued.await(left.compareTo(POLL) < 0 ? left : POLL);
            }
        } finally {
            if (woken) {
                queued.wakeAnother();
            }
            pool.leaves(worker);
        }
        if (away != null) {
            throw away;
        }
        return ResponseEntity.noContent().build();
    }

    private static ResponseEntity<byte[]> answer(Optional<Claim> claim) {
        return claim.map(build -> json(WireJson.MAPPER.writeValueAsBytes(build)))
                .orElseGet(() -> ResponseEntity.noContent().build());
    }

    /** The worker has kept its slot, so nobody has to wait for one. */
    private Optional<Claim> following(String worker, String after) {
        return BuildId.parse(after)
                .filter(id -> !shutdown.hasBegun() && pool.mayFollow(worker, id))
                .flatMap(builds::find)
                .filter(done -> done.state().isFinished())
                // What a stranger's build has provoked in the worker is not there for the next one.
                .filter(done -> BuildSettings.of(done).cacheScope() == null)
                .flatMap(done -> tryClaim(worker, done.project()));
    }

    private Optional<Claim> tryClaim(String worker, @Nullable String project) {
        if (disk.shortage() != null) {
            // On a disk that is nearly full it would end in the middle, and those that run with it. The store is looked
            // after aside.
            return Optional.empty();
        }
        while (true) {
            String token = AccessTokens.create("wka_");
            byte[] tokenHash = AccessTokens.hash(token);
            ClaimedBuild claimed =
                    queue.claim(worker, project, tokenHash, settings.lease()).orElse(null);
            if (claimed == null) {
                return Optional.empty();
            }
            BuildId build = claimed.build().id();
            try (LogFields _ = LogFields.worker(worker);
                    LogFields _ = LogFields.build(build)) {
                BuildSpec spec;
                try {
                    ProjectLimits allowed = limits.effective(claimed.limits());
                    spec = specs.of(claimed, allowed);
                    pool.limit(worker, allowed);
                } catch (MissingSecretException e) {
                    if (queue.failClaimed(build, claimed.fencingToken(), missing(e))) {
                        finished.count(build);
                    }
                    continue; // with the next one
                } catch (DatabaseException e) {
                    handBack(worker, e);
                    throw e;
                } catch (IOException e) {
                    handBack(worker, e);
                    throw new UncheckedIOException("the limits of " + build + " can't be set", e);
                } catch (RuntimeException e) {
                    // It would be no better the next time, and nobody behind it is to wait for that.
                    LOG.error("{} can't be given to a worker", build, e);
                    queue.failClaimed(build, claimed.fencingToken(), internal());
                    finished.count(build);
                    continue;
                }
                if (!pool.claimed(worker, build, claimed.build().attempt(), tokenHash)) {
                    queue.handBack(worker);
                    return Optional.empty();
                }
                LOG.info(
                        "{} builds {} (attempt {})",
                        worker,
                        build,
                        claimed.build().attempt());
                return Optional.of(new Claim(spec, token, settings.lease().toMillis()));
            }
        }
    }

    /** Nobody else does what a worker has that was never told of it. */
    private void handBack(String worker, Exception why) {
        try {
            queue.handBack(worker);
        } catch (DatabaseException e) {
            why.addSuppressed(e);
        }
    }

    private static Failure internal() {
        return new Failure(
                ErrorCode.INTERNAL.wireName(),
                "the build could not be given to a worker; the service's log says why",
                null,
                null,
                null,
                null);
    }

    private static Failure missing(MissingSecretException e) {
        return new Failure(
                ErrorCode.SECRET_MISSING.wireName(), String.valueOf(e.getMessage()), null, null, null, e.hint());
    }

    /** {@code POST /internal/v1/builds/{id}/events}: stores an {@link EventBatch} and answers with an {@link EventAck}. */
    @PostMapping("/internal/v1/builds/{id}/events")
    ResponseEntity<byte[]> events(
            @PathVariable("id") String text,
            @RequestHeader(name = HttpHeaders.AUTHORIZATION, required = false) @Nullable String authorization,
            HttpServletRequest request)
            throws IOException {
        BuildId id = BuildId.parse(text)
                .orElseThrow(
                        () -> new ProblemException(ProblemType.BUILD_NOT_FOUND, "There is no build `" + text + "`."));
        byte[] token = AccessTokens.hash(AccessTokens.bearerToken(authorization).orElse(""));
        // Whether it is the newest attempt's, which the database knows, its fencing token tells when the events are
        // stored.
        if (!pool.isAttempt(id, token) && !queue.isAttemptToken(id, token)) {
            // The newest attempt has another token: for the worker of an older one this is the end.
            throw new ProblemException(ProblemType.LEASE_LOST, "Build " + id + " is not this worker's (any more).");
        }
        EventBatch batch = read(request);
        AtomicReference<List<BuildEvent>> fresh = new AtomicReference<>(List.of());
        Recorded recorded;
        try {
            recorded = queue.record(
                    id,
                    batch.fencingToken(),
                    batch.firstSequence(),
                    batch.events(),
                    settings.lease(),
                    (writer, events) -> {
                        fresh.set(events);
                        EventRecorder.record(writer, events);
                    });
        } catch (IllegalArgumentException e) {
            LOG.error("A worker of {} reported nonsense", id, e);
            throw new ProblemException(ProblemType.REQUEST_INVALID, String.valueOf(e.getMessage()));
        }
        return switch (recorded) {
            case Recorded.Stored stored -> {
                steps.count(fresh.get());
                if (stored.ended()) {
                    finished.count(id);
                }
                yield json(WireJson.MAPPER.writeValueAsBytes(new EventAck(
                        stored.lastSequence(),
                        stored.cancelRequested(),
                        settings.lease().toMillis())));
            }
            case Recorded.LeaseLost lost ->
                throw new ProblemException(ProblemType.LEASE_LOST, "Build " + id + " is not this worker's (any more).");
            case Recorded.Gap gap ->
                throw new ProblemException(
                                ProblemType.EVENTS_MISSING,
                                "Events after number " + gap.lastSequence() + " are missing.")
                        .with("lastSequence", gap.lastSequence());
        };
    }

    private static EventBatch read(HttpServletRequest request) throws IOException {
        byte[] body = request.getInputStream().readNBytes(MAX_BATCH_BYTES + 1);
        if (body.length > MAX_BATCH_BYTES) {
            throw new ProblemException(
                    ProblemType.CONTENT_TOO_LARGE, "A batch of events has " + MAX_BATCH_BYTES + " bytes at most.");
        }
        try {
            return WireJson.MAPPER.readValue(body, EventBatch.class);
        } catch (JacksonException e) {
            throw new ProblemException(
                    ProblemType.REQUEST_INVALID, "This is no batch of events: " + e.getOriginalMessage());
        }
    }

    private static ResponseEntity<byte[]> json(byte[] body) {
        return ResponseEntity.ok().contentType(MediaType.APPLICATION_JSON).body(body);
    }
}
