package io.slipway.api.trace;

import io.opentelemetry.api.trace.Tracer;
import io.slipway.api.schedule.PeriodicTask;
import io.slipway.db.build.BuildId;
import io.slipway.db.build.BuildTraces;
import io.slipway.db.build.Builds;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the spans of builds that have ended, of what stands in the database: so it makes no difference which service has taken a build, or whether one was
 * restarted meanwhile. Thread-safe.
 */
final class EndedBuilds implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EndedBuilds.class);
    private static final int AT_ONCE = 50;
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final BuildTraces traces;
    private final Builds builds;
    private final Tracer tracer;
    private final PeriodicTask looks;

    EndedBuilds(BuildTraces traces, Builds builds, Tracer tracer) {
        this.traces = traces;
        this.builds = builds;
        this.tracer = tracer;
        this.looks = PeriodicTask.inParts("traces", PAUSE, PAUSE, this::tell);
    }

    private boolean tell() {
        List<BuildId> ended = traces.take(AT_ONCE);
        ended.forEach(this::tell);
        return ended.size() == AT_ONCE;
    }

    /** A trace that can't be made is no reason to make no others. */
    private void tell(BuildId id) {
        try {
            builds.details(id).ifPresent(details -> BuildSpans.make(tracer, details));
        } catch (RuntimeException e) {
            LOG.warn("The trace of {} could not be made", id, e);
        }
    }

    @Override
    public void close() {
        looks.close();
    }
}
