package io.slipway.api.trace;

import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Sends spans to a collector, from the memory that they wait in. OpenTelemetry's own environment variables are obeyed ({@code OTEL_SERVICE_NAME},
 * {@code OTEL_RESOURCE_ATTRIBUTES}, {@code OTEL_EXPORTER_OTLP_HEADERS}, {@code OTEL_TRACES_SAMPLER} and the others of its specification). Thread-safe.
 */
final class SpanExport implements AutoCloseable {
    private static final Map<String, String> USUAL = Map.of(
            "otel.service.name", "slipway",
            "otel.exporter.otlp.protocol", "http/protobuf",
            "otel.metrics.exporter", "none",
            "otel.logs.exporter", "none",
            "otel.bsp.schedule.delay", "1000");

    private final OpenTelemetrySdk sdk;

    private SpanExport(OpenTelemetrySdk sdk) {
        this.sdk = sdk;
    }

    /** @param endpoint the collector, or null for the one that the environment names */
    static SpanExport to(@Nullable URI endpoint) {
        return new SpanExport(AutoConfiguredOpenTelemetrySdk.builder()
                .addPropertiesSupplier(() -> USUAL)
                .addPropertiesCustomizer(_ -> {
                    Map<String, String> own = new HashMap<>();
                    if (endpoint != null) {
                        own.put(
                                "otel.exporter.otlp.traces.endpoint",
                                endpoint.toString().replaceFirst("/$", "") + "/v1/traces");
                    }
                    return own;
                })
                .disableShutdownHook()
                .build()
                .getOpenTelemetrySdk());
    }

    Tracer tracer() {
        return sdk.getTracer("io.slipway");
    }

    /** Sends what waits, for some seconds at most. */
    @Override
    public void close() {
        sdk.close();
    }
}
