package io.slipway.api.worker;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.slipway.protocol.BuildEvent;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;

/** Counts steps that end: {@code slipway_steps_seconds} by outcome, of which cached ones by all is the rate of hits. Thread-safe. */
@Component
final class StepMetrics {
    private static final Duration[] BUCKETS = Stream.of(10, 100, 1000, 10_000, 60_000, 600_000)
            .map(Duration::ofMillis)
            .toArray(Duration[]::new);

    private final MeterRegistry meters;

    StepMetrics(MeterRegistry meters) {
        this.meters = meters;
    }

    /** Counts those of events that are stored. */
    void count(List<BuildEvent> events) {
        for (BuildEvent event : events) {
            if (event instanceof BuildEvent.StepFinished step) {
                Timer.builder("slipway.steps")
                        .description("Steps that have ended, and how long they took")
                        .serviceLevelObjectives(BUCKETS)
                        .tag("outcome", step.outcome().name().toLowerCase(Locale.ROOT))
                        .register(meters)
                        .record(Duration.ofMillis(step.durationMillis()));
            }
        }
    }
}
