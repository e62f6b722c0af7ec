package io.slipway.api.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.api.testing.TestService;
import io.slipway.db.build.BuildId;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

final class LogControllerTest {
    private final TestService service = TestService.shared();

    @TempDir
    private Path directory;

    @Test
    void theTextSaysWhatEachStepDidAndHowTheBuildEnded() {
        BuildId id = service.submit("say hello", "say again");
        service.ended(id);
        HttpResponse<String> log = service.get("/v1/builds/" + id + "/logs");
        assertThat(log.headers().firstValue("Content-Type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("text/plain"));
        assertThat(log.body().lines())
                .satisfiesExactly(
                        line -> assertThat(line).isEqualTo("#1 say hello"),
                        line -> assertThat(line).isEqualTo("hello"),
                        line -> assertThat(line).isEqualTo("#1 DONE 1.5s"),
                        line -> assertThat(line).isEqualTo("#2 say again"),
                        line -> assertThat(line).isEqualTo("again"),
                        line -> assertThat(line).isEqualTo("#2 DONE 1.5s"),
                        line -> assertThat(line).startsWith("Pushed registry.test/app:"),
                        line -> assertThat(line).matches("Build " + id + " succeeded after [0-9.]+s: sha256:d+"));
    }

    @Test
    void aFailureIsTheLastLine() {
        BuildId id = service.submit("fail");
        service.ended(id);
        assertThat(service.get("/v1/builds/" + id + "/logs").body().lines())
                .last()
                .asString()
                .matches("Build " + id
                        + " failed after [0-9.]+s: The command exited with status 3\\. \\(step_failed, line 1\\)");
    }

    @Test
    void aFollowerSeesOutputWhileTheBuildRuns() throws Exception {
        Path file = directory.resolve("go-on");
        BuildId id = service.submit("say hello", "until " + file);
        try (Stream<String> lines = service.lines(service.request("/v1/builds/" + id + "/logs?follow=true"))) {
            Iterator<String> line = lines.iterator();
            assertThat(line.next()).isEqualTo("#1 say hello");
            assertThat(line.next()).isEqualTo("hello");
            Files.createFile(file);
            assertThat(line).toIterable().last().asString().startsWith("Build " + id + " succeeded");
        }
    }

    @Test
    void withoutFollowingTheLogOfARunningBuildSaysThatItRuns() throws Exception {
        Path file = directory.resolve("go-on");
        BuildId id = service.submit("until " + file);
        service.awaitLog(id, "#1");
        assertThat(service.get("/v1/builds/" + id + "/logs").body().lines())
                .last()
                .asString()
                .startsWith("Build " + id + " is running");
        Files.createFile(file);
        service.ended(id);
    }

    @Test
    void recordsAreNumberedWithoutGapsAndEndWithTheState() {
        BuildId id = service.submit("say hello");
        service.ended(id);
        HttpResponse<String> log =
                service.send(service.request("/v1/builds/" + id + "/logs").header("Accept", "application/x-ndjson"));
        List<JsonNode> records = log.body()
                .lines()
                .map(line -> io.slipway.protocol.WireJson.MAPPER.readTree(line))
                .toList();
        assertThat(records).extracting(record -> record.get("seq").asLong()).containsExactly(1L, 2L, 3L, 4L, 5L, 6L);
        assertThat(records)
                .extracting(record -> record.get("type").asString())
                .containsExactly("state", "step_started", "output", "step_finished", "pushed", "ended");
        assertThat(records.get(2).get("text").asString()).isEqualTo("hello\n");
        assertThat(records.get(5).get("state").asString()).isEqualTo("succeeded");
        assertThat(Instant.parse(records.get(0).get("at").asString())).isBefore(Instant.now());
    }

    @Test
    void anEventSourceGoesOnBehindTheLastEventThatItSaw() {
        BuildId id = service.submit("say hello");
        service.ended(id);
        String path = "/v1/builds/" + id + "/logs?follow=true";
        HttpResponse<String> whole = service.send(service.request(path).header("Accept", "text/event-stream"));
        assertThat(whole.headers().firstValue("Content-Type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("text/event-stream"));
        assertThat(whole.body())
                .startsWith("retry: 2000\n\nid: 1\nevent: state\ndata: {\"seq\":1,")
                .endsWith("}\n\n");

        HttpResponse<String> rest = service.send(
                service.request(path).header("Accept", "text/event-stream").header("Last-Event-ID", "4"));
        assertThat(rest.body()).startsWith("retry: 2000\n\nid: 5\n").contains("event: ended\n");

        HttpResponse<String> nothing = service.send(
                service.request(path).header("Accept", "text/event-stream").header("Last-Event-ID", "6"));
        assertThat(nothing.statusCode()).isEqualTo(204);
    }

    @Test
    void aLongLogComesWhole() {
        long bytes = 20_000_000;
        BuildId id = service.submit("flood " + bytes);
        service.ended(id);
        String log = service.get("/v1/builds/" + id + "/logs").body();
        String output = log.substring(log.indexOf('\n') + 1, log.indexOf("\n#1 DONE"));
        assertThat(output).hasSize((int) bytes);
        assertThat(output.replace("0123456789abcdef", "")).isEmpty();
    }

    @Test
    void whatIsNotUnderstoodIsRefusedByName() {
        BuildId id = service.submit("say hello");
        assertThat(service.get("/v1/builds/" + id + "/logs?folow=true").body()).contains("\"hint\":\"follow\"");
        assertThat(service.get("/v1/builds/" + id + "/logs?follow=yes").statusCode())
                .isEqualTo(400);
        assertThat(service.get("/v1/builds/" + id + "/logs?format=xml").statusCode())
                .isEqualTo(400);
        assertThat(service.get("/v1/builds/" + id + "/logs?after=x").statusCode())
                .isEqualTo(400);
        assertThat(service.send(service.request("/v1/builds/" + id + "/logs").header("Accept", "image/png"))
                        .statusCode())
                .isEqualTo(406);
        assertThat(service.get("/v1/builds/" + BuildId.create(Instant.now()) + "/logs")
                        .statusCode())
                .isEqualTo(404);
    }
}
