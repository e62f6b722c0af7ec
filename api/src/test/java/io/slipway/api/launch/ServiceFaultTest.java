package io.slipway.api.launch;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.api.testing.Ports;
import io.slipway.api.testing.ServiceProcess;
import io.slipway.api.testing.TestService;
import io.slipway.db.Channel;
import io.slipway.db.Database;
import io.slipway.db.Notifications;
import io.slipway.db.Signal;
import io.slipway.db.build.BuildDetails;
import io.slipway.db.build.BuildDraft;
import io.slipway.db.build.BuildId;
import io.slipway.db.build.BuildQueue;
import io.slipway.db.build.Builds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

final class ServiceFaultTest {
    @TempDir
    private Path directory;

    @Test
    void aServiceThatIsKilledOrStoppedLosesNothing() throws Exception {
        Path home = Files.createTempDirectory(Path.of("target").toAbsolutePath(), "service-");
        int port = Ports.free();
        BuildDraft running = build(home, "first");
        BuildDraft stopped = build(home, "second");

        ServiceProcess killed = ServiceProcess.start(home, port);
        submit(home, running);
        awaitWorker(home, running);
        killed.kill();

        try (ServiceProcess _ = ServiceProcess.start(home, port)) {
            // Its worker lived on, and reports to the service that came after.
            Files.createFile(directory.resolve("first"));
            awaitEnd(home, running);
            submit(home, stopped);
            awaitWorker(home, stopped);
        }

        assertThat(workers(home))
                .as("no worker outlives a service that was asked to stop")
                .isEmpty();
        Files.createFile(directory.resolve("second"));
        Path warmUp = Files.createDirectories(home.resolve("work/wrk_gone-warm-up/1"));
        try (TestService last = TestService.start(home)) {
            assertThat(warmUp.getParent()).as("what an idle worker left").doesNotExist();
            JsonNode first = last.ended(running.id());
            assertThat(first.get("state").asString()).isEqualTo("succeeded");
            assertThat(first.get("attempt").asInt()).isEqualTo(1);
            JsonNode second = last.ended(stopped.id());
            assertThat(second.get("state").asString()).isEqualTo("succeeded");
            assertThat(second.get("attempt").asInt()).isEqualTo(2);
            assertThat(last.bean(Builds.class).find(stopped.id()).orElseThrow().losses())
                    .as("a stop of the service does not count")
                    .isZero();
            assertThat(last.get("/v1/builds/" + stopped.id() + "/logs").body())
                    .contains("goes back to the queue")
                    .contains("succeeded");
        }
    }

    @Test
    void aBuildOutlivesTheDatabasesDeath() throws Exception {
        TestService service = TestService.shared();
        Path file = directory.resolve("go-on");
        BuildId id = service.submit("say before", "until " + file, "say after");
        service.awaitLog(id, "#2");
        String pid = Files.readAllLines(service.home().resolve("postgres/data/postmaster.pid"))
                .getFirst();
        ProcessHandle.of(Long.parseLong(pid)).orElseThrow().destroyForcibly();
        Files.createFile(file);

        assertThat(awaitEnd(service, id).get("state").asString()).isEqualTo("succeeded");
        assertThat(service.get("/v1/builds/" + id + "/logs").body())
                .contains("before\n", "after\n", "Build " + id + " succeeded");
    }

    /** Answers are 503 while the database is away. */
    private static JsonNode awaitEnd(TestService service, BuildId id) {
        while (true) {
            var response = service.get("/v1/builds/" + id + "?wait=60s");
            assertThat(response.statusCode()).isIn(200, 503);
            if (response.statusCode() == 200 && TestService.json(response).has("finishedAt")) {
                return TestService.json(response);
            }
        }
    }

    private BuildDraft build(Path home, String file) {
        return TestService.draft(home, Duration.ofMinutes(5), "say started", "until " + directory.resolve(file));
    }

    private static void submit(Path home, BuildDraft draft) throws IOException {
        new BuildQueue(ServiceProcess.database(home)).submit(draft);
    }

    private static void awaitWorker(Path home, BuildDraft draft) throws IOException {
        await(
                home,
                draft,
                details -> details.steps().stream()
                        .anyMatch(step -> step.number() == 2 && step.state().equals("running")));
    }

    private static void awaitEnd(Path home, BuildDraft draft) throws IOException {
        await(home, draft, details -> details.build().state().isFinished());
    }

    private static void await(Path home, BuildDraft draft, Predicate<BuildDetails> condition) throws IOException {
        Database database = ServiceProcess.database(home);
        Builds builds = new Builds(database);
        try (Notifications notifications = new Notifications(database);
                Signal changed =
                        notifications.subscribe(Channel.BUILD_EVENTS, draft.id().value())) {
            while (!condition.test(builds.details(draft.id()).orElseThrow())) {
                changed.await(Duration.ofSeconds(2));
            }
        }
    }

    private static List<Path> workers(Path home) throws IOException {
        try (var files = Files.list(home.resolve("workers"))) {
            return files.toList();
        }
    }
}
