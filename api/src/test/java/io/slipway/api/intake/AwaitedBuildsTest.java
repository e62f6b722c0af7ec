package io.slipway.api.intake;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.api.testing.ApiClient;
import io.slipway.api.testing.Manifest;
import io.slipway.api.testing.Multipart;
import io.slipway.api.testing.Tars;
import io.slipway.api.testing.TestService;
import io.slipway.image.Digest;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Who submits a build and would rather wait has its end as the answer. */
final class AwaitedBuildsTest {
    private static final byte[] QUICK =
            Tars.dockerfile("FROM scratch\nRUN say hello\n").bytes();

    private final TestService service = TestService.shared();

    @TempDir
    private Path directory;

    private HttpResponse<String> post(String path, byte[] body, String... headers) {
        List<String> all = new ArrayList<>(List.of("Content-Type", "application/x-tar"));
        if (List.of(headers).contains("Content-Type")) {
            all.clear();
        }
        Collections.addAll(all, headers);
        return service.send(
                service.request(path).headers(all.toArray(String[]::new)).POST(BodyPublishers.ofByteArray(body)));
    }

    private static void assertEnded(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        JsonNode build = TestService.json(answer);
        assertThat(build.path("state").stringValue()).isEqualTo("succeeded");
        assertThat(build.path("digest").stringValue()).startsWith("sha256:");
        assertThat(answer.headers().firstValue("Location").orElse(""))
                .endsWith("/v1/builds/" + build.path("id").stringValue());
        assertThat(answer.headers().firstValue("RateLimit")).isPresent();
    }

    @Test
    void theAnswerIsTheBuildThatHasEndedWhateverTheBodyIs() throws IOException {
        assertEnded(post("/v1/builds?noCache&wait=60s&tag=app", QUICK));
        assertEnded(post("/v1/builds?wait=1m", QUICK, "Prefer", "wait=0"));
        assertEnded(post("/v1/builds", QUICK, "Prefer", "respond-async, wait=60"));
        assertEnded(post("/v1/builds", QUICK, "Prefer", "return=representation", "Prefer", "wait=60"));
        assertEnded(post("/v1/builds?&%77ait=6%30s&&noCache", QUICK));
        Multipart parts = new Multipart().file("context", "application/x-tar", QUICK);
        assertEnded(post("/v1/builds?wait=60", parts.bytes(), "Content-Type", parts.contentType()));

        String text = "FROM scratch\nRUN say hello\n";
        byte[] content = text.getBytes(StandardCharsets.UTF_8);
        ApiClient client = new ApiClient(service.url().toString(), service.token());
        String context = new Manifest()
                .file("Dockerfile", content)
                .post(client)
                .json()
                .path("id")
                .stringValue();
        String named = "{\"context\": \"" + context + "\"}";
        assertThat(client.send(
                                "PUT",
                                "/v1/contexts/" + context + "/files",
                                BodyPublishers.ofByteArray(new Tars()
                                        .file(Digest.of(content).hex(), text)
                                        .bytes()))
                        .status())
                .isBetween(200, 299);
        assertEnded(post(
                "/v1/builds?wait=60s", named.getBytes(StandardCharsets.UTF_8), "Content-Type", "application/json"));

        JsonNode failed = TestService.json(post(
                "/v1/builds?wait=60s",
                Tars.dockerfile("FROM scratch\nRUN fail\n").bytes()));
        assertThat(failed.at("/error/code").stringValue()).isEqualTo("step_failed");
        HttpResponse<String> retried =
                service.post("/v1/builds/" + failed.path("id").stringValue() + "/retry?wait=60s");
        assertThat(retried.statusCode()).as(retried.body()).isEqualTo(200);
        assertThat(TestService.json(retried).path("retryOf")).isEqualTo(failed.path("id"));
        assertThat(TestService.json(retried).path("state").stringValue()).isEqualTo("failed");
    }

    @Test
    void whoeverHasWaitedInVainAsksAgainWithTheSameKey() throws Exception {
        Path file = directory.resolve("go-on");
        byte[] tar = Tars.dockerfile("FROM scratch\nRUN until " + file + "\n").bytes();
        String key = UUID.randomUUID().toString();
        HttpResponse<String> early = post("/v1/builds?wait=100ms", tar, "Idempotency-Key", key);
        assertThat(early.statusCode()).isEqualTo(202);
        assertThat(TestService.json(early).path("state").stringValue()).isIn("queued", "running");
        Files.createFile(file);
        HttpResponse<String> late = post("/v1/builds?wait=60s", tar, "Idempotency-Key", key);
        assertEnded(late);
        assertThat(TestService.json(late).path("id"))
                .isEqualTo(TestService.json(early).path("id"));
        HttpResponse<String> first = post("/v1/builds", tar, "Idempotency-Key", key);
        assertThat(first.statusCode()).isEqualTo(202);
        assertThat(TestService.json(first).path("state").stringValue()).isEqualTo("queued");
    }

    @ParameterizedTest
    @CsvSource({
        "?wait=soon, parameter-invalid",
        "?wait, parameter-invalid",
        "?tag=app&wait=, parameter-invalid",
        "?wait=1s&wait=2s, parameter-invalid",
        "?wait=1s&waits=1s, parameter-unknown",
        "?wait=%ff, request-invalid",
    })
    void aWaitThatIsNoneIsRefusedBeforeAnythingIsQueued(String query, String type) {
        String tag = "wait-" + UUID.randomUUID();
        HttpResponse<String> answer = post("/v1/builds" + query + "&tag=" + tag, QUICK);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
        assertThat(TestService.json(answer).path("type").stringValue()).isEqualTo("/problems/" + type);
        assertThat(TestService.json(service.get("/v1/builds?tag=" + tag)).path("builds"))
                .isEmpty();
    }

    @Test
    void besideOptionsInTheBodyNothingElseStandsInTheQueryAndAWaitDoesNotStandInTheBody() {
        Multipart parts = new Multipart().file("context", "application/x-tar", QUICK);
        HttpResponse<String> beside =
                post("/v1/builds?wait=1s&push=false", parts.bytes(), "Content-Type", parts.contentType());
        assertThat(TestService.json(beside).path("type").stringValue()).isEqualTo("/problems/parameter-unknown");
        HttpResponse<String> inside = post(
                "/v1/builds",
                "{\"context\": \"ctx_x\", \"wait\": \"5s\"}".getBytes(StandardCharsets.UTF_8),
                "Content-Type",
                "application/json");
        assertThat(inside.statusCode()).as(inside.body()).isEqualTo(400);
        assertThat(TestService.json(inside).path("type").stringValue()).isEqualTo("/problems/parameter-unknown");
        assertThat(TestService.json(inside).path("parameter").stringValue()).isEqualTo("wait");
    }
}
