package io.slipway.api.trace;

import io.opentelemetry.api.trace.Tracer;
import io.slipway.db.DatabaseException;
import io.slipway.db.build.BuildId;
import io.slipway.db.build.BuildTraces;
import io.slipway.db.build.Builds;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the spans of builds that have ended, of what stands in the database: so it makes no difference which service has taken a build, or whether one was
 * restarted meanwhile. Thread-safe.
 */
final class EndedBuilds implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EndedBuilds.class);
    private static final int AT_ONCE = 50;
    private static final long PAUSE_MILLIS = 1000;

    private final BuildTraces traces;
    private final Builds builds;
    private final Tracer tracer;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("traces").factory());

    EndedBuilds(BuildTraces traces, Builds builds, Tracer tracer) {
        this.traces = traces;
        this.builds = builds;
        this.tracer = tracer;
        var _ = thread.scheduleWithFixedDelay(this::tell, PAUSE_MILLIS, PAUSE_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void tell() {
        try {
            List<BuildId> ended;
            do {
                ended = traces.take(AT_ONCE);
                ended.forEach(this::tell);
            } while (ended.size() == AT_ONCE && !thread.isShutdown());
        } catch (DatabaseException e) {
            LOG.debug("Builds whose traces are to be made could not be looked for; it is tried again", e);
        }
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
        thread.shutdownNow();
    }
}
