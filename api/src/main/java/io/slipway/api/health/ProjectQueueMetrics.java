package io.slipway.api.health;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import io.slipway.api.schedule.PeriodicTask;
import io.slipway.db.build.Builds;
import io.slipway.db.build.ProjectDepth;
import java.time.Duration;
import java.util.List;
import org.springframework.stereotype.Component;

/** Gauges of each project's queue, looked up every few seconds. A project without a queue has none. Thread-safe. */
@Component
final class ProjectQueueMetrics implements AutoCloseable {
    private static final Duration PAUSE = Duration.ofSeconds(15);

    /** Those with shorter queues are left out, so that a scrape stays small. */
    private static final int MOST_PROJECTS = 100;

    private final Builds builds;
    private final MultiGauge queued;
    private final MultiGauge oldest;
    private final PeriodicTask looks;

    ProjectQueueMetrics(Builds builds, MeterRegistry meters) {
        this.builds = builds;
        this.queued = MultiGauge.builder("slipway.project.queued")
                .description("Builds of a project that wait")
                .register(meters);
        this.oldest = MultiGauge.builder("slipway.project.queued.oldest")
                .description("For how long the oldest of them has waited")
                .baseUnit("seconds")
                .register(meters);
        this.looks = PeriodicTask.inParts("project-queues", Duration.ZERO, PAUSE, () -> {
            look();
            return false;
        });
    }

    /** Looks the queues up. */
    void look() {
        List<ProjectDepth> depths = builds.depthByProject(MOST_PROJECTS);
        queued.register(
                depths.stream()
                        .<Row<?>>map(depth -> Row.of(tags(depth), depth.queued()))
                        .toList(),
                true);
        oldest.register(
                depths.stream()
                        .<Row<?>>map(depth -> Row.of(tags(depth), depth.oldest().toMillis() / 1000.0))
                        .toList(),
                true);
    }

    private static Tags tags(ProjectDepth depth) {
        return Tags.of("project", depth.project());
    }

    @Override
    public void close() {
        looks.close();
    }
}
