package io.slipway.api.health;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.slipway.api.launch.WorkerPool;
import io.slipway.db.DatabaseException;
import io.slipway.db.build.Builds;
import io.slipway.db.build.Homes;
import io.slipway.db.build.QueueDepth;
import java.util.function.ToDoubleFunction;
import org.springframework.stereotype.Component;

/** Gauges of the queue and of the workers. */
@Component
final class QueueMetrics implements MeterBinder {
    private final Builds builds;
    private final Homes homes;
    private final WorkerPool pool;

    QueueMetrics(Builds builds, Homes homes, WorkerPool pool) {
        this.builds = builds;
        this.homes = homes;
        this.pool = pool;
    }

    @Override
    public void bindTo(MeterRegistry meters) {
        depth(meters, "slipway.queue.queued", "Builds that a worker could take", QueueDepth::queued);
        depth(meters, "slipway.queue.running", "Builds that run", QueueDepth::running);
        count(
                meters,
                "slipway.queue.away",
                "Builds of those queued that wait for services which are away",
                homes,
                Homes::waiting);
        Gauge.builder("slipway.workers.idle", pool, WorkerPool::idle)
                .description("Workers that wait for a build")
                .register(meters);
        Gauge.builder("slipway.workers.busy", pool, WorkerPool::busy)
                .description("Workers that have a build")
                .register(meters);
        Gauge.builder("slipway.workers.slots", pool, WorkerPool::slots)
                .description("Builds that may run side by side")
                .register(meters);
    }

    private void depth(MeterRegistry meters, String name, String description, ToDoubleFunction<QueueDepth> part) {
        count(meters, name, description, builds, queried -> part.applyAsDouble(queried.depth()));
    }

    private static <T> void count(
            MeterRegistry meters, String name, String description, T counted, ToDoubleFunction<T> number) {
        Gauge.builder(name, counted, queried -> {
                    try {
                        return number.applyAsDouble(queried);
                    } catch (DatabaseException e) {
                        return Double.NaN; // unknown while the database is away
                    }
                })
                .description(description)
                .register(meters);
    }
}
