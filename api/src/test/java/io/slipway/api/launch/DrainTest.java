package io.slipway.api.launch;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.api.testing.ApiClient;
import io.slipway.api.testing.Ports;
import io.slipway.api.testing.ServiceProcess;
import io.slipway.api.testing.Tars;
import io.slipway.api.testing.TestService;
import io.slipway.db.build.BuildDraft;
import io.slipway.db.build.BuildQueue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** What becomes of builds when a real service gets SIGTERM. */
final class DrainTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final String LIVENESS = "/actuator/health/liveness";
    private static final String READINESS = "/actuator/health/readiness";

    @TempDir
    private Path directory;

    private Path home;
    private int port;

    @BeforeEach
    void makeHome() throws IOException {
        home = Files.createTempDirectory(Path.of("target").toAbsolutePath(), "service-");
        port = Ports.free();
    }

    private ServiceProcess start(String drainTimeout) throws IOException {
        return ServiceProcess.start(home, port, "--slipway.workers.drain-timeout=" + drainTimeout);
    }

    private ApiClient client() throws IOException {
        return new ApiClient(
                "http://127.0.0.1:" + port,
                Files.readString(home.resolve("admin-token")).strip());
    }

    /** Queues a build that goes on until the file is there. */
    private String submitUntil(String file) throws IOException {
        BuildDraft draft =
                TestService.draft(home, Duration.ofMinutes(5), "say started", "until " + directory.resolve(file));
        new BuildQueue(ServiceProcess.database(home)).submit(draft);
        return draft.id().value();
    }

    /** Submits a build that does nothing, as anybody does. */
    private String submit() throws IOException {
        ApiClient.Answer answer =
                client().post("/v1/builds", Tars.dockerfile("FROM scratch\n").bytes());
        assertThat(answer.status()).as(answer.text()).isEqualTo(202);
        return answer.json().path("id").stringValue();
    }

    private void awaitStep(String build) {
        Awaitility.await("the second step of " + build)
                .atMost(LIMIT)
                .until(() ->
                        client().get("/v1/builds/" + build + "/logs").text().contains("#2"));
    }

    private int status(String path) throws IOException {
        return client().get(path).status();
    }

    private void awaitDraining() {
        Awaitility.await("the service to be no longer ready").atMost(LIMIT).until(() -> status(READINESS) == 503);
    }

    private JsonNode ended(String build) throws IOException {
        return client().get("/v1/builds/" + build + "?wait=30s").json();
    }

    @Test
    void whatRunsMayFinishAndIsFollowedToItsEnd() throws Exception {
        String running;
        String queued;
        try (ServiceProcess service = start("60s")) {
            running = submitUntil("go-on");
            awaitStep(running);
            CompletableFuture<String> followed = CompletableFuture.supplyAsync(() -> {
                try {
                    return client().get("/v1/builds/" + running + "/logs?follow=true")
                            .text();
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });

            service.terminate();
            awaitDraining();

            assertThat(status(LIVENESS)).isEqualTo(200);
            queued = submit();
            JsonNode waiting = client().get("/v1/builds/" + queued).json();
            assertThat(waiting.path("state").stringValue()).isEqualTo("queued");
            assertThat(waiting.path("reason").stringValue()).contains("being stopped");
            Files.createFile(directory.resolve("go-on"));
            assertThat(followed.get()).contains("Build " + running + " succeeded");
            service.awaitEnd(LIMIT);
        }
        assertThat(workers()).isEmpty();

        try (ServiceProcess _ = start("0s")) {
            assertThat(ended(running).path("digest").stringValue()).startsWith("sha256:");
            assertThat(ended(running).path("attempt").intValue()).isEqualTo(1);
            assertThat(ended(queued).path("state").stringValue()).isEqualTo("succeeded");
            assertThat(ended(queued).path("attempt").intValue()).isEqualTo(1);
        }
    }

    @Test
    void whatTakesLongerIsHandedBackOnceAndBuiltByTheNextService() throws Exception {
        String build;
        try (ServiceProcess service = start("1s")) {
            build = submitUntil("never-in-time");
            awaitStep(build);
            service.terminate();
            service.awaitEnd(LIMIT);
        }
        assertHandedBack(build, "never-in-time");
    }

    @Test
    void aSecondSignalEndsTheWait() throws Exception {
        String build;
        try (ServiceProcess service = start("10m")) {
            build = submitUntil("later");
            awaitStep(build);
            service.terminate();
            awaitDraining();
            service.terminate();
            service.awaitEnd(LIMIT);
        }
        assertHandedBack(build, "later");
    }

    private void assertHandedBack(String build, String file) throws Exception {
        assertThat(workers()).as("no worker outlives the service").isEmpty();
        Files.createFile(directory.resolve(file));
        try (ServiceProcess _ = start("0s")) {
            JsonNode ended = ended(build);
            assertThat(ended.path("state").stringValue()).isEqualTo("succeeded");
            assertThat(ended.path("attempt").intValue()).isEqualTo(2);
            assertThat(client().get("/v1/builds/" + build + "/logs").text()).containsOnlyOnce("goes back to the queue");
        }
    }

    private Path[] workers() throws IOException {
        try (var files = Files.list(home.resolve("workers"))) {
            return files.toArray(Path[]::new);
        }
    }
}
