package io.slipway.api.launch;

import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.slipway.db.build.Build;
import io.slipway.db.build.BuildId;
import io.slipway.db.build.BuildResult;
import io.slipway.db.build.Builds;
import io.slipway.db.build.EndedAttempt;
import io.slipway.db.build.Failure;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.springframework.stereotype.Component;

/**
 * Counts builds that end: {@code slipway_builds_seconds} by state and error code, {@code slipway_queue_wait_seconds} by project,
 * {@code slipway_image_bytes}. Thread-safe.
 */
@Component
public final class FinishedBuilds {
    private final Builds builds;
    private final MeterRegistry meters;
    private final AtomicLong total = new AtomicLong();

    FinishedBuilds(Builds builds, MeterRegistry meters) {
        this.builds = builds;
        this.meters = meters;
    }

    /** How many builds have ended since the service started. */
    public long total() {
        return total.get();
    }

    /** Counts those of the attempts that ended their build. */
    void count(List<EndedAttempt> attempts) {
        attempts.stream().filter(attempt -> attempt.state().isFinished()).forEach(attempt -> count(attempt.id()));
    }

    /** Counts a build that has just ended. */
    public void count(BuildId id) {
        builds.find(id).ifPresent(this::count);
    }

    private void count(Build build) {
        total.incrementAndGet();
        countWait(build);
        countImage(build);
        Failure failure = build.failure();
        Instant startedAt = build.startedAt();
        Instant finishedAt = build.finishedAt();
        Timer.builder("slipway.builds")
                .description("Builds that have ended, and how long they ran")
                .tag("state", build.state().wireName())
                .tag("code", failure == null ? "" : failure.code())
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

    private void countImage(Build build) {
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
