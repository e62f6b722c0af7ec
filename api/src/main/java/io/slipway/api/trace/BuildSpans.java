package io.slipway.api.trace;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.slipway.db.build.Build;
import io.slipway.db.build.BuildDetails;
import io.slipway.db.build.BuildResult;
import io.slipway.db.build.BuildState;
import io.slipway.db.build.Failure;
import io.slipway.db.build.Step;
import io.slipway.protocol.StepNames;
import java.time.Instant;
import java.util.Objects;

/**
 * The spans of a build that has ended: the build, in it the time in the queue and the time that it ran, and in that its steps, of which the last one is the
 * export and push.
 */
final class BuildSpans {
    private BuildSpans() {}

    /** Makes them. */
    static void make(Tracer tracer, BuildDetails details) {
        Build build = details.build();
        Instant finishedAt = Objects.requireNonNull(build.finishedAt(), "it has ended");
        Span whole = tracer.spanBuilder("build")
                .setParent(parent(Objects.requireNonNull(build.traceParent(), "it is in a trace")))
                .setStartTimestamp(build.createdAt())
                .setAttribute("slipway.build.id", build.id().value())
                .setAttribute("slipway.project", build.project())
                .setAttribute("slipway.build.state", build.state().wireName())
                .setAttribute("slipway.build.attempts", (long) build.attempt())
                .startSpan();
        describe(whole, build);
        Context within = Context.root().with(whole);
        Instant startedAt = build.startedAt();
        span(tracer, build, within, "queue", build.createdAt())
                .startSpan()
                .end(startedAt == null ? finishedAt : startedAt);
        if (startedAt != null) {
            Span run = span(tracer, build, within, "run", startedAt).startSpan();
            steps(tracer, details, Context.root().with(run));
            run.end(finishedAt);
        }
        whole.end(finishedAt);
    }

    private static Context parent(String traceParent) {
        String[] parts = traceParent.split("-", -1);
        return Context.root()
                .with(Span.wrap(SpanContext.createFromRemoteParent(
                        parts[1], parts[2], TraceFlags.getSampled(), TraceState.getDefault())));
    }

    private static void describe(Span span, Build build) {
        BuildResult result = build.result();
        if (result != null) {
            span.setAttribute("oci.manifest.digest", result.digest());
            span.setAttribute("slipway.image.bytes", result.imageBytes());
        }
        Failure failure = build.failure();
        if (failure != null) {
            span.setAttribute("error.type", failure.code());
        }
        if (failure != null && build.state() == BuildState.FAILED) {
            span.setStatus(StatusCode.ERROR, failure.message());
        }
    }

    private static SpanBuilder span(Tracer tracer, Build build, Context parent, String name, Instant start) {
        return tracer.spanBuilder(name)
                .setParent(parent)
                .setStartTimestamp(start)
                .setAttribute("slipway.build.id", build.id().value())
                .setAttribute("slipway.project", build.project());
    }

    private static void steps(Tracer tracer, BuildDetails details, Context parent) {
        StepNames names = new StepNames();
        for (Step step : details.steps()) {
            String name = names.next(step.stage(), step.instruction(), step.line());
            Instant end = step.finishedAt();
            if (end == null) {
                continue; // it has never begun
            }
            Instant began = step.startedAt() == null ? end : step.startedAt();
            SpanBuilder builder = span(
                            tracer, details.build(), parent, "step " + name, began.isAfter(end) ? end : began)
                    .setAttribute("slipway.step.number", (long) step.number())
                    .setAttribute("slipway.step.name", name)
                    .setAttribute("slipway.step.stage", step.stage())
                    .setAttribute("slipway.step.instruction", step.instruction())
                    .setAttribute("slipway.step.state", step.state())
                    .setAttribute("slipway.step.cache", cache(step));
            if (step.line() != null) {
                builder.setAttribute("slipway.step.line", step.line().longValue());
            }
            if (step.layer() != null) {
                builder.setAttribute("slipway.step.layer", step.layer());
            }
            if (step.layerBytes() != null) {
                builder.setAttribute("slipway.step.layer_bytes", step.layerBytes());
            }
            Span span = builder.startSpan();
            if (step.state().equals("failed")) {
                span.setStatus(StatusCode.ERROR);
            }
            span.end(end);
        }
    }

    private static String cache(Step step) {
        return step.state().equals("cached") ? "hit" : step.miss() == null ? "none" : "miss";
    }
}
