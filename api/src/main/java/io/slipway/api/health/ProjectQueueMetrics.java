package io.slipway.api.health;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import io.slipway.db.DatabaseException;
import io.slipway.db.build.Builds;
import io.slipway.db.build.ProjectDepth;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Gauges of each project's queue, looked up every few seconds. A project without a queue has none. Thread-safe. */
@Component
final class ProjectQueueMetrics implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ProjectQueueMetrics.class);
    private static final long PAUSE_SECONDS = 15;

    /** Those with shorter queues are left out, so that a scrape stays small. */
    private static final int MOST_PROJECTS = 100;

    private final Builds builds;
    private final MultiGauge queued;
    private final MultiGauge oldest;
    private final ScheduledExecutorService looking = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("project-queues").factory());

    ProjectQueueMetrics(Builds builds, MeterRegistry meters) {
        this.builds = builds;
        this.queued = MultiGauge.builder("slipway.project.queued")
                .description("Builds of a project that wait")
                .register(meters);
        this.oldest = MultiGauge.builder("slipway.project.queued.oldest")
                .description("For how long the oldest of them has waited")
                .baseUnit("seconds")
                .register(meters);
        var _ = looking.scheduleWithFixedDelay(this::look, 0, PAUSE_SECONDS, TimeUnit.SECONDS);
    }

    /** Looks the queues up. */
    void look() {
        try {
            List<ProjectDepth> depths = builds.depthByProject(MOST_PROJECTS);
            queued.register(
                    depths.stream()
                            .<Row<?>>map(depth -> Row.of(tags(depth), depth.queued()))
                            .toList(),
                    true);
            oldest.register(
                    depths.stream()
                            .<Row<?>>map(
                                    depth -> Row.of(tags(depth), depth.oldest().toMillis() / 1000.0))
                            .toList(),
                    true);
        } catch (DatabaseException e) {
            LOG.debug("The queues of projects could not be looked up", e);
        } catch (RuntimeException e) {
            LOG.warn("The queues of projects could not be looked up; it is tried again", e);
        }
    }

    private static Tags tags(ProjectDepth depth) {
        return Tags.of("project", depth.project());
    }

    @Override
    public void close() {
        looking.shutdownNow();
    }
}
