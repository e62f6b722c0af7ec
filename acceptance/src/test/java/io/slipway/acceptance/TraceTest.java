package io.slipway.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.acceptance.fixture.BuildContext;
import io.slipway.acceptance.fixture.HeldRun;
import io.slipway.acceptance.fixture.Registry;
import io.slipway.acceptance.fixture.SlipwayClient;
import io.slipway.acceptance.fixture.SlipwayService;
import io.slipway.acceptance.fixture.TestBed;
import io.slipway.api.testing.TraceCollector;
import io.slipway.api.testing.TraceCollector.Span;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** One trace leads from whoever submits a build through the queue to each of its steps. */
final class TraceTest {
    private static final String PARENT = "00f067aa0ba902b7";

    @Test
    void aBuildIsTracedFromItsSubmissionToItsStepsAlsoByAServiceThatCameLater() throws Exception {
        Path folder = TestBed.folder("slipway-traces-");
        HeldRun held = new HeldRun();
        String trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        try (TraceCollector collector = new TraceCollector();
                Registry bases = Registry.ofBases("busybox");
                SlipwayService service = SlipwayService.start(
                        folder.resolve("home"), bases, Map.of("tracing.endpoint", collector.url()))) {
            String id = submit(service.client(), held, trace);
            Awaitility.await("the request's span")
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> !collector.trace(trace).isEmpty());
            held.await();
            service.kill();
            service.restart();
            held.await();
            held.letGo();
            JsonNode executed = service.client().await(id);
            assertThat(executed.get("state").asString()).isEqualTo("succeeded");
            assertThat(executed.get("traceId").asString()).isEqualTo(trace);
            check(collector, trace, executed, "miss");
            assertThat(one(collector.trace(trace), "POST /v1/builds").parent()).isEqualTo(PARENT);

            try (BuildContext context = context(held)) {
                JsonNode cached = service.client().succeed(context);
                check(collector, cached.get("traceId").asString(), cached, "hit");
            }
        } finally {
            TestBed.remove(folder);
        }
    }

    private static String submit(SlipwayClient client, HeldRun held, String trace) throws Exception {
        try (BuildContext context = context(held)) {
            SlipwayClient.Answer answer = client.send(client.request("/v1/builds")
                    .header("Content-Type", "application/x-tar")
                    .header("traceparent", "00-" + trace + "-" + PARENT + "-01")
                    .POST(context.tar()));
            assertThat(answer.status()).isEqualTo(202);
            return answer.json().get("id").asString();
        }
    }

    private static BuildContext context(HeldRun held) throws Exception {
        return BuildContext.of("FROM busybox:1.35\nRUN echo one >/one\n" + held.instruction());
    }

    private static void check(TraceCollector collector, String trace, JsonNode build, String cache) {
        String id = build.get("id").asString();
        Awaitility.await("the trace of " + id)
                .atMost(Duration.ofSeconds(30))
                .until(() -> collector.trace(trace).stream()
                        .anyMatch(span -> span.name().equals("build")));
        Awaitility.await("its steps")
                .atMost(Duration.ofSeconds(30))
                .until(() -> collector.trace(trace).stream()
                                .filter(span -> span.name().startsWith("step "))
                                .count()
                        == build.get("steps").size());
        List<Span> spans = collector.trace(trace);
        Span whole = one(spans, "build");
        Span request = one(spans, "POST /v1/builds");
        Span queue = one(spans, "queue");
        Span run = one(spans, "run");
        assertThat(whole.parent()).isEqualTo(request.id());
        assertThat(List.of(queue.parent(), run.parent())).containsOnly(whole.id());
        assertThat(queue.end()).isEqualTo(run.start());
        assertThat(whole.attributes())
                .containsEntry("slipway.build.id", id)
                .containsEntry("slipway.project", "default")
                .containsEntry("slipway.build.state", "succeeded")
                .containsEntry("oci.manifest.digest", build.get("digest").asString());
        for (JsonNode step : build.get("steps")) {
            Span span = one(spans, "step " + step.get("name").asString());
            assertThat(span.parent()).isEqualTo(run.id());
            assertThat(span.attributes())
                    .containsEntry("slipway.build.id", id)
                    .containsEntry(
                            "slipway.step.instruction", step.get("instruction").asString())
                    .containsEntry("slipway.step.cache", step.get("cache").asString());
            assertThat(span.start()).isAfterOrEqualTo(run.start().minusMillis(1000));
            assertThat(span.end()).isBeforeOrEqualTo(run.end()).isAfterOrEqualTo(span.start());
        }
        assertThat(build.get("steps").findValuesAsString("cache")).contains(cache);
    }

    private static Span one(List<Span> spans, String name) {
        return spans.stream()
                .filter(span -> span.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError(name + " is not among " + spans));
    }
}
