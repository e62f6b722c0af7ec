package io.slipway.api.launch;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.slipway.db.build.Build;
import io.slipway.db.build.BuildId;
import io.slipway.db.build.Builds;
import io.slipway.db.build.EndedAttempt;
import io.slipway.db.build.Failure;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.springframework.stereotype.Component;

/** Counts builds that end: {@code slipway_builds_seconds} by state and error code. Thread-safe. */
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
}
