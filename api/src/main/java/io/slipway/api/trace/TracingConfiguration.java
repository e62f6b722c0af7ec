package io.slipway.api.trace;

import io.slipway.db.build.BuildTraces;
import io.slipway.db.build.Builds;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.type.AnnotatedTypeMetadata;

/** Nothing of OpenTelemetry is loaded unless a collector is named. */
@Configuration(proxyBeanMethods = false)
class TracingConfiguration {
    /** Whether a collector is named. */
    static final class On implements Condition {
        @Override
        public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
            return isNamed(context.getEnvironment().getProperty("slipway.tracing.endpoint"))
                    || isNamed(context.getEnvironment().getProperty("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"))
                    || isNamed(context.getEnvironment().getProperty("OTEL_EXPORTER_OTLP_ENDPOINT"));
        }

        private static boolean isNamed(@Nullable String endpoint) {
            return endpoint != null && !endpoint.isBlank();
        }
    }

    /** Whether none is. */
    static final class Off implements Condition {
        @Override
        public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
            return !new On().matches(context, metadata);
        }
    }

    @Bean
    @Conditional(Off.class)
    Tracing noTracing() {
        return Tracing.OFF;
    }

    @Configuration(proxyBeanMethods = false)
    @Conditional(On.class)
    static class Traces {
        @Bean
        SpanExport spanExport(TracingProperties properties) {
            return SpanExport.to(properties.endpoint());
        }

        @Bean
        Tracing tracing(SpanExport export) {
            return new SubmissionSpans(export.tracer());
        }

        /** Behind the security filters: strangers' requests make no spans. */
        @Bean
        FilterRegistrationBean<SubmissionFilter> submissionFilter(SpanExport export) {
            FilterRegistrationBean<SubmissionFilter> registration =
                    new FilterRegistrationBean<>(new SubmissionFilter(export.tracer()));
            registration.addUrlPatterns("/v1/builds", "/v1/builds/*");
            return registration;
        }

        @Bean
        EndedBuilds endedBuilds(BuildTraces traces, Builds builds, SpanExport export) {
            return new EndedBuilds(traces, builds, export.tracer());
        }
    }
}
