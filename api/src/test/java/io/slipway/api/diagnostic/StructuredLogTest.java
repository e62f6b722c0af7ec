package io.slipway.api.diagnostic;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.api.testing.ApiClient;
import io.slipway.api.testing.Ports;
import io.slipway.api.testing.ServiceProcess;
import io.slipway.api.testing.TestService;
import io.slipway.db.build.BuildDraft;
import io.slipway.db.build.BuildQueue;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The log of a real service, as a collector of logs reads it. */
final class StructuredLogTest {
    @ParameterizedTest
    @ValueSource(strings = {"ecs", "logstash"})
    void linesSayWhichBuildWorkerAndRequestTheyAreAbout(String format) throws Exception {
        Path home = Files.createTempDirectory(Path.of("target").toAbsolutePath(), "service-");
        int port = Ports.free();
        List<JsonNode> lines;
        BuildDraft draft = TestService.draft(home, Duration.ofMinutes(5), "mutter of the worker's own", "say done");
        String build = draft.id().value();
        String request;
        try (ServiceProcess service = ServiceProcess.start(
                home,
                port,
                "--logging.structured.format.console=" + format,
                "--logging.level.io.slipway=INFO",
                "--slipway.workers.builds=1")) {
            new BuildQueue(ServiceProcess.database(home)).submit(draft);
            ApiClient client = new ApiClient(
                    "http://127.0.0.1:" + port,
                    Files.readString(home.resolve("admin-token")).strip());
            assertThat(client.get("/v1/builds/" + build + "?wait=30s")
                            .json()
                            .path("state")
                            .stringValue())
                    .isEqualTo("succeeded");
            ApiClient.Answer secret =
                    client.putJson("/v1/projects/default/secrets/npmrc", "{\"value\": \"t0p-s3cret\"}");
            assertThat(secret.status()).isEqualTo(201);
            request = secret.header("X-Request-Id");
            // What a worker says comes through a pipe, and what the service says is read by a thread of the test.
            Awaitility.await("the lines")
                    .atMost(Duration.ofSeconds(30))
                    .untilAsserted(
                            () -> assertThat(service.said()).contains(": of the worker's own", "secret.set npmrc"));
            service.terminate();
            service.awaitEnd(Duration.ofSeconds(30));
            String said = service.said();
            assertThat(said).doesNotContain("t0p-s3cret");
            lines = said.lines()
                    .filter(line -> !line.startsWith("Slipway is ready"))
                    .map(line -> JsonMapper.shared().readTree(line))
                    .toList();
        }

        assertThat(lines)
                .filteredOn(line -> line.path("message").asString("").contains(build))
                .isNotEmpty()
                .allSatisfy(line -> assertThat(line.path("build").asString("")).isEqualTo(build));
        assertThat(lines)
                .filteredOn(line -> line.path("message").asString("").endsWith(" builds " + build + " (attempt 1)"))
                .singleElement()
                .satisfies(line -> assertThat(line.path("worker").stringValue()).startsWith("wrk_"));
        assertThat(lines)
                .filteredOn(line -> line.path("message").asString("").endsWith(": of the worker's own"))
                .singleElement()
                .satisfies(line -> {
                    assertThat(line.path("build").stringValue()).isEqualTo(build);
                    assertThat(line.path("worker").stringValue()).startsWith("wrk_");
                });
        assertThat(lines)
                .filteredOn(line -> line.path("message").asString("").startsWith("secret.set npmrc in default by tok_"))
                .singleElement()
                .satisfies(line -> {
                    assertThat(line.path("request").stringValue()).isEqualTo(request);
                    assertThat(line.toString())
                            .contains("secret.set", "127.0.0.1", "\"npmrc\"", "admin")
                            .contains(format.equals("ecs") ? "\"ecs\":" : "\"@version\"");
                });
    }
}
