package io.slipway.api.trace;

import java.net.URI;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * Everything under {@code slipway.tracing.} in the configuration.
 *
 * @param endpoint address of an OpenTelemetry collector that takes OTLP over HTTP, such as {@code http://127.0.0.1:4318}; without it that of the environment
 *     variables {@code OTEL_EXPORTER_OTLP_TRACES_ENDPOINT} or {@code OTEL_EXPORTER_OTLP_ENDPOINT}, and without these there are no traces
 */
@ConfigurationProperties("slipway.tracing")
public record TracingProperties(@Nullable URI endpoint) {
    public TracingProperties {
        if (endpoint != null
                && (endpoint.getHost() == null
                        || !String.valueOf(endpoint.getScheme()).matches("https?"))) {
            throw new IllegalArgumentException(
                    "slipway.tracing.endpoint must be like http://collector.example:4318: " + endpoint);
        }
    }
}
