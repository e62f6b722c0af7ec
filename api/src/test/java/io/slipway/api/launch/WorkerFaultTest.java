package io.slipway.api.launch;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.api.testing.TestService;
import io.slipway.db.Database;
import io.slipway.db.build.BuildId;
import io.slipway.db.build.Builds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

final class WorkerFaultTest {
    private final TestService service = TestService.shared();

    @Test
    void aBuildWhoseWorkerIsKilledIsRetriedOnceAndThenLost() throws Exception {
        BuildId id = service.submit("say hello", "until /does/not/exist");
        service.awaitLog(id, "#2");
        Path warmUp = Files.createDirectories(service.home().resolve("work/" + worker(id) + "-warm-up"));
        kill(worker(id));
        service.awaitLog(id, "queued again");
        assertThat(warmUp).as("what the worker left").doesNotExist();
        awaitAttempt(id, 2);
        kill(worker(id));

        JsonNode build = service.ended(id);
        assertThat(build.get("state").asString()).isEqualTo("failed");
        assertThat(build.get("error").get("code").asString()).isEqualTo("worker_lost");
        assertThat(build.get("attempt").asInt()).isEqualTo(2);
        assertThat(service.get("/v1/builds/" + id + "/logs").body())
                .contains("queued again")
                .containsPattern("Build " + id + " failed after .*: The worker died");
    }

    @Test
    void aWorkerThatSaysNothingIsKilledAndItsBuildRetried() {
        BuildId id = service.submit("silent");
        service.awaitLog(id, "#1");
        ProcessHandle process = process(worker(id)).orElseThrow();
        expireLease(id);
        assertThat(process.onExit()).succeedsWithin(Duration.ofSeconds(20));
        awaitAttempt(id, 2);
        expireLease(id);
        JsonNode build = service.ended(id);
        assertThat(build.get("error").get("code").asString()).isEqualTo("worker_lost");
        assertThat(build.get("attempt").asInt()).isEqualTo(2);
    }

    @Test
    void aWorkerThatDoesNotHeedACancellationIsKilled() {
        BuildId id = service.submit("deaf");
        service.awaitLog(id, "#1");
        ProcessHandle process = process(worker(id)).orElseThrow();
        service.post("/v1/builds/" + id + "/cancel");
        assertThat(service.ended(id).get("state").asString()).isEqualTo("cancelled");
        assertThat(process.onExit()).succeedsWithin(Duration.ofSeconds(10));
    }

    @Test
    void aWorkerThatOverrunsTheTimeLimitIsKilled() {
        BuildId id = service.submitWithin(Duration.ofMillis(200), "deaf");
        JsonNode build = service.ended(id);
        assertThat(build.get("error").get("code").asString()).isEqualTo("build_timeout");
    }

    @Test
    void aWorkerGetsNothingOfTheServicesEnvironmentThatMayBeSecret() {
        BuildId id = service.submit("environment");
        service.ended(id);
        String log = service.get("/v1/builds/" + id + "/logs").body();
        assertThat(log).contains("SLIPWAY_API=" + service.url()).contains("SLIPWAY_HOME=" + service.home());
        assertThat(log.lines().filter(line -> line.contains("=")).map(line -> line.substring(0, line.indexOf('='))))
                .contains("SLIPWAY_WORKER_ID", "SLIPWAY_WORKER_TOKEN", "PATH")
                .allSatisfy(name -> assertThat(name)
                        .matches("PATH|HOME|USER|LOGNAME|LANG|LC_ALL|TZ|TMPDIR|JAVA_HOME|.*_proxy|.*_PROXY|SSL_.*"
                                + "|SLIPWAY_API|SLIPWAY_HOME|SLIPWAY_DIST|SLIPWAY_RUNTIME|SLIPWAY_WORKER_.*"));
    }

    @Test
    void whatAFinishedBuildLeftIsSwept() throws Exception {
        BuildId id = service.submit("say hello");
        Path work = Files.createDirectories(service.home().resolve("work/" + id + "-1/merged/a/b"));
        Files.writeString(work.resolve("file"), "left");
        service.ended(id);
        Path contexts = service.home().resolve("contexts");
        Path context = contexts.resolve(id + ".tar");
        Builds builds = service.bean(Builds.class);
        try (var changes = service.home().getFileSystem().newWatchService()) {
            contexts.register(changes, java.nio.file.StandardWatchEventKinds.ENTRY_DELETE);
            while (Files.exists(context)) {
                Objects.requireNonNull(changes.poll(60, java.util.concurrent.TimeUnit.SECONDS), "nothing was swept")
                        .reset();
            }
        }
        assertThat(service.home().resolve("work/" + id + "-1")).doesNotExist();
        assertThat(builds.find(id)).isPresent();
    }

    /** As if so much time had passed. */
    private void expireLease(BuildId id) {
        service.bean(Database.class)
                .run(transaction -> transaction.update(
                        "update builds set lease_until = clock_timestamp() where id = ?", id.value()));
    }

    private String worker(BuildId id) {
        return Objects.requireNonNull(
                service.bean(Builds.class).find(id).orElseThrow().worker(), "the build has a worker");
    }

    /** Waits until a step runs: what is done to its worker sooner may come before the service knows who has the build. */
    private void awaitAttempt(BuildId id, int attempt) {
        while (true) {
            JsonNode build = service.build(id);
            if (build.get("attempt").asInt() == attempt
                    && build.get("steps")
                            .valueStream()
                            .anyMatch(step -> step.get("state").asString().equals("running"))) {
                return;
            }
            assertThat(build.has("finishedAt")).as(build.toString()).isFalse();
            service.get("/v1/builds/" + id + "?wait=100ms");
        }
    }

    private java.util.Optional<ProcessHandle> process(String worker) {
        try {
            String pid = Files.readString(service.home().resolve("workers").resolve(worker))
                    .split(" ")[0];
            return ProcessHandle.of(Long.parseLong(pid));
        } catch (IOException e) {
            return java.util.Optional.empty();
        }
    }

    private void kill(String worker) {
        process(worker).orElseThrow().destroyForcibly();
    }
}
