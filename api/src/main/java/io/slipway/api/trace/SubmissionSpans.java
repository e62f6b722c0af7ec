package io.slipway.api.trace;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.Tracer;
import org.jspecify.annotations.Nullable;

/** The spans that builds are submitted in. Thread-safe. */
final class SubmissionSpans implements Tracing {
    private final Tracer tracer;

    SubmissionSpans(Tracer tracer) {
        this.tracer = tracer;
    }

    @Override
    public @Nullable String submission() {
        SpanContext request = Span.current().getSpanContext();
        if (request.isValid()) {
            return written(request);
        }
        // Nobody's request: what a git host has delivered, and what was decided on it.
        Span own = tracer.spanBuilder("submit").startSpan();
        own.end();
        return written(own.getSpanContext());
    }

    private static @Nullable String written(SpanContext span) {
        return span.isSampled() ? "00-" + span.getTraceId() + "-" + span.getSpanId() + "-01" : null;
    }
}
