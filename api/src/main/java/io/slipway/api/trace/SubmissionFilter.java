package io.slipway.api.trace;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import io.opentelemetry.context.propagation.TextMapGetter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Makes the span of a request that submits a build. It belongs to the trace that the header {@code traceparent} names (W3C Trace Context), otherwise a trace
 * begins with it. Names of attributes are those of OpenTelemetry's semantic conventions for HTTP. Thread-safe.
 */
final class SubmissionFilter extends OncePerRequestFilter {
    private static final TextMapGetter<HttpServletRequest> HEADERS = new TextMapGetter<>() {
        @Override
        public Iterable<String> keys(HttpServletRequest request) {
            return Collections.list(request.getHeaderNames());
        }

        @Override
        public @Nullable String get(@Nullable HttpServletRequest request, String name) {
            if (request == null) {
                return null;
            }
            // Of a trace's state the lines belong together (W3C Trace Context, 3.3.1.1); of two parents none is the
            // right one.
            List<String> lines = Collections.list(request.getHeaders(name));
            return lines.isEmpty() ? null : String.join(",", lines);
        }
    };

    private final Tracer tracer;

    SubmissionFilter(Tracer tracer) {
        this.tracer = tracer;
    }

    @Override
    protected boolean shouldNotFilter(HttpServletRequest request) {
        return !request.getMethod().equals("POST") || route(request) == null;
    }

    private static @Nullable String route(HttpServletRequest request) {
        String path = request.getRequestURI();
        if (path.equals("/v1/builds")) {
            return path;
        }
        return path.endsWith("/retry") ? "/v1/builds/{id}/retry" : null;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        String route = String.valueOf(route(request));
        Span span = tracer.spanBuilder("POST " + route)
                .setParent(W3CTraceContextPropagator.getInstance().extract(Context.root(), request, HEADERS))
                .setSpanKind(SpanKind.SERVER)
                .setAttribute("http.request.method", "POST")
                .setAttribute("http.route", route)
                .startSpan();
        try (Scope _ = span.makeCurrent()) {
            chain.doFilter(request, response);
        } finally {
            span.setAttribute("http.response.status_code", (long) response.getStatus());
            if (response.getStatus() >= 500) {
                span.setStatus(StatusCode.ERROR);
            }
            span.end();
        }
    }
}
