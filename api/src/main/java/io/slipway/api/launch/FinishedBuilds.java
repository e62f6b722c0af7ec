package io.slipway.api.launch;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.slipway.db.build.Build;
import io.slipway.db.build.BuildDetails;
import io.slipway.db.build.BuildId;
import io.slipway.db.build.BuildResult;
import io.slipway.db.build.Builds;
import io.slipway.db.build.EndedAttempt;
import io.slipway.db.build.Failure;
import io.slipway.db.build.Step;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Counts builds that end: {@code slipway_builds_seconds} by state and error code, {@code slipway_build_phase_seconds} by phase, {@code
 * slipway_queue_wait_seconds} by project, {@code slipway_context_bytes}, {@code slipway_image_bytes}; and attempts that end without their build,
 * {@code slipway_attempts_requeued_total}. Thread-safe.
 */
@Component
public final class FinishedBuilds {
    /** From a build that is all in the cache to the longest that people wait for. */
    private static final Duration[] BUCKETS = Stream.of(
                    100, 500, 1000, 5000, 15_000, 30_000, 60_000, 300_000, 900_000, 3_600_000)
            .map(Duration::ofMillis)
            .toArray(Duration[]::new);

    /** What the last step is called, which no line of a Dockerfile has. */
    private static final String EXPORT = "export";

    private final Builds builds;
    private final MeterRegistry meters;
    private final Counter requeued;
    private final AtomicLong total = new AtomicLong();

    FinishedBuilds(Builds builds, MeterRegistry meters) {
        this.builds = builds;
        this.meters = meters;
        this.requeued = Counter.builder("slipway.attempts.requeued")
                .description(
                        "Attempts that ended without their build, which went back to the queue: of lost workers, and handed back")
                .register(meters);
    }

    /** How many builds have ended since the service started. */
    public long total() {
        return total.get();
    }

    /** Counts those of the attempts that ended their build. */
    void count(List<EndedAttempt> attempts) {
        long lost = attempts.stream()
                .filter(attempt -> !attempt.state().isFinished())
                .count();
        requeued.increment((double) lost);
        attempts.stream().filter(attempt -> attempt.state().isFinished()).forEach(attempt -> count(attempt.id()));
    }

    /** Counts a build that has just ended. */
    public void count(BuildId id) {
        builds.details(id).ifPresent(this::count);
    }

    private void count(BuildDetails details) {
        Build build = details.build();
        total.incrementAndGet();
        countWait(build);
        countPhases(details);
        countBytes(build);
        Failure failure = build.failure();
        Instant startedAt = build.startedAt();
        Instant finishedAt = build.finishedAt();
        Timer.builder("slipway.builds")
                .description("Builds that have ended, and how long they ran")
                .tag("state", build.state().wireName())
                .tag("code", failure == null ? "" : failure.code())
                .serviceLevelObjectives(BUCKETS)
                .register(meters)
                .record(
                        startedAt == null || finishedAt == null
                                ? Duration.ZERO
                                : Duration.between(startedAt, finishedAt));
    }

    private void countWait(Build build) {
        Instant startedAt = build.startedAt();
        if (startedAt != null) {
            Timer.builder("slipway.queue.wait")
                    .description("From the submission of builds that have ended to their first start")
                    .tag("project", build.project())
                    .register(meters)
                    .record(Duration.between(build.createdAt(), startedAt));
        }
    }

    private void countPhases(BuildDetails details) {
        Build build = details.build();
        Instant startedAt = build.startedAt();
        if (startedAt == null) {
            return;
        }
        countPhase("queue", build.createdAt(), startedAt);
        List<Step> steps = details.steps();
        countPhase(
                "prepare",
                startedAt,
                steps.stream()
                        .map(Step::startedAt)
                        .filter(Objects::nonNull)
                        .min(Comparator.naturalOrder())
                        .orElse(null));
        countPhase("bases", steps, step -> isBase(step));
        countPhase("steps", steps, step -> !isBase(step) && !isExport(step));
        countPhase("export", steps, FinishedBuilds::isExport);
    }

    private static boolean isBase(Step step) {
        return step.instruction().regionMatches(true, 0, "FROM ", 0, 5);
    }

    private static boolean isExport(Step step) {
        return step.instruction().equals(EXPORT);
    }

    /** From the first beginning to the last end. */
    private void countPhase(String phase, List<Step> steps, Predicate<Step> which) {
        List<Step> done = steps.stream()
                .filter(which)
                .filter(step -> step.startedAt() != null && step.finishedAt() != null)
                .toList();
        countPhase(
                phase,
                done.stream()
                        .map(Step::startedAt)
                        .filter(Objects::nonNull)
                        .min(Comparator.naturalOrder())
                        .orElse(null),
                done.stream()
                        .map(Step::finishedAt)
                        .filter(Objects::nonNull)
                        .max(Comparator.naturalOrder())
                        .orElse(null));
    }

    private void countPhase(String phase, @Nullable Instant from, @Nullable Instant to) {
        if (from != null && to != null) {
            Timer.builder("slipway.build.phase")
                    .description("What the time of builds that have ended went into")
                    .tag("phase", phase)
                    .serviceLevelObjectives(BUCKETS)
                    .register(meters)
                    .record(Duration.between(from, to));
        }
    }

    private void countBytes(Build build) {
        DistributionSummary.builder("slipway.context")
                .description("Sizes of contexts, as they are kept")
                .baseUnit("bytes")
                .register(meters)
                .record((double) build.context().bytes());
        BuildResult result = build.result();
        if (result != null) {
            DistributionSummary.builder("slipway.image")
                    .description("Sizes of images, compressed")
                    .baseUnit("bytes")
                    .register(meters)
                    .record((double) result.imageBytes());
        }
    }
}
