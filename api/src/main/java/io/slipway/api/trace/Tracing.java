package io.slipway.api.trace;

import org.jspecify.annotations.Nullable;

/** The traces of builds. Thread-safe. */
public interface Tracing {
    /** No traces. */
    Tracing OFF = () -> null;

    /**
     * The span in which a build is submitted now: that of the request that is being served, or one of its own. As in the header {@code traceparent} (W3C Trace
     * Context); null if there is none, or if whoever has begun the trace does not record it.
     */
    @Nullable
    String submission();
}
