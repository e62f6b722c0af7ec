package io.slipway.api.trace;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.api.testing.ApiClient;
import io.slipway.api.testing.RunningService;
import io.slipway.api.testing.ServiceExtension;
import io.slipway.api.testing.Tars;
import io.slipway.api.testing.TraceCollector;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is traced of a submission, and of builds that never run. Those that run are traced in the acceptance tests. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class TracingTest {
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String SPAN = "00f067aa0ba902b7";

    private TraceCollector collector;
    private RunningService service;

    @BeforeAll
    void start() throws IOException {
        collector = new TraceCollector();
        service = RunningService.start("slipway.tracing.endpoint=" + collector.url());
    }

    @AfterAll
    void stop() throws IOException {
        service.close();
        collector.close();
    }

    private ApiClient.Answer submit(ApiClient client, String... headers) throws IOException {
        return client.post(
                "/v1/builds",
                Tars.dockerfile("FROM scratch\nCOPY Dockerfile /\n").bytes(),
                headers);
    }

    private List<TraceCollector.Span> await(String trace, int spans) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(() -> collector.trace(trace).size() >= spans);
        return collector.trace(trace);
    }

    @Test
    void aBuildBelongsToTheTraceOfItsRequest() throws IOException {
        ApiClient.Answer submitted = submit(service.client(), "traceparent", "00-" + TRACE + "-" + SPAN + "-01");
        assertThat(submitted.status()).isEqualTo(202);
        assertThat(submitted.json().path("traceId").asString("")).isEqualTo(TRACE);
        String build = submitted.json().path("id").stringValue();
        TraceCollector.Span request = await(TRACE, 1).getFirst();
        assertThat(request.parent()).isEqualTo(SPAN);
        assertThat(request.name()).isEqualTo("POST /v1/builds");
        assertThat(request.kind()).isEqualTo(2);
        assertThat(request.attributes())
                .containsEntry("http.route", "/v1/builds")
                .containsEntry("http.response.status_code", "202");
        assertThat(collector.services()).contains("slipway");

        assertThat(service.client()
                        .post("/v1/builds/" + build + "/cancel", new byte[0])
                        .status())
                .isEqualTo(200);
        List<TraceCollector.Span> spans = await(TRACE, 3);
        TraceCollector.Span whole = named(spans, "build");
        assertThat(whole.parent()).isEqualTo(request.id());
        assertThat(whole.attributes())
                .containsEntry("slipway.build.id", build)
                .containsEntry("slipway.project", "default")
                .containsEntry("slipway.build.state", "cancelled")
                .containsEntry("error.type", "cancelled");
        assertThat(whole.failed()).as("nobody's fault").isFalse();
        TraceCollector.Span queue = named(spans, "queue");
        assertThat(queue.parent()).isEqualTo(whole.id());
        assertThat(queue.end()).isEqualTo(whole.end());
        assertThat(spans).hasSize(3);
    }

    private static TraceCollector.Span named(List<TraceCollector.Span> spans, String name) {
        return spans.stream()
                .filter(span -> span.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "nonsense",
                "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
                "ff-" + TRACE + "-" + SPAN + "-01"
            })
    void withoutOneATraceBegins(String parent) throws IOException {
        ApiClient.Answer submitted =
                parent.isEmpty() ? submit(service.client()) : submit(service.client(), "traceparent", parent);
        String trace = submitted.json().path("traceId").stringValue();
        assertThat(trace).matches("[0-9a-f]{32}").isNotEqualTo(TRACE);
        assertThat(await(trace, 1).getFirst().parent()).isEmpty();
        assertThat(service.client()
                        .get("/v1/builds/" + submitted.json().path("id").stringValue())
                        .json()
                        .path("traceId")
                        .stringValue())
                .isEqualTo(trace);
    }

    @Test
    void whatIsNotToBeRecordedIsNot() throws IOException {
        String trace = "5bf92f3577b34da6a3ce929d0e0e4736";
        ApiClient.Answer submitted = submit(service.client(), "traceparent", "00-" + trace + "-" + SPAN + "-00");
        assertThat(submitted.json().has("traceId")).isFalse();
        // What comes after it has come by now, if it was to come.
        await(submit(service.client()).json().path("traceId").stringValue(), 1);
        assertThat(collector.trace(trace)).isEmpty();
    }

    @Test
    void strangersMakeNoSpans() throws IOException {
        String trace = "6bf92f3577b34da6a3ce929d0e0e4736";
        assertThat(submit(new ApiClient(service.url(), null), "traceparent", "00-" + trace + "-" + SPAN + "-01")
                        .status())
                .isEqualTo(401);
        await(submit(service.client()).json().path("traceId").stringValue(), 1);
        assertThat(collector.trace(trace)).isEmpty();
    }

    @Test
    void aRefusedRequestIsTracedWithoutABuild() throws IOException {
        String trace = "7bf92f3577b34da6a3ce929d0e0e4736";
        assertThat(service.client()
                        .post(
                                "/v1/builds",
                                Tars.dockerfile("COPPY a b\n").bytes(),
                                "traceparent",
                                "00-" + trace + "-" + SPAN + "-01")
                        .status())
                .isEqualTo(422);
        assertThat(await(trace, 1).getFirst().attributes()).containsEntry("http.response.status_code", "422");
    }

    @ExtendWith(ServiceExtension.class)
    @Test
    void withoutACollectorThereAreNone(RunningService other) throws IOException {
        ApiClient.Answer submitted = submit(other.client(), "traceparent", "00-" + TRACE + "-" + SPAN + "-01");
        assertThat(submitted.json().has("traceId")).isFalse();
        assertThat(other.parts(SpanExport.class)).isEmpty();
    }
}
