package io.slipway.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.acceptance.fixture.BuildContext;
import io.slipway.acceptance.fixture.HeldRun;
import io.slipway.acceptance.fixture.SlipwayClient;
import io.slipway.acceptance.fixture.SlipwayService;
import io.slipway.acceptance.fixture.TestBed;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import tools.jackson.databind.JsonNode;

/** A service that is asked to stop while it builds. */
@ExtendWith(TestBed.Extension.class)
@Execution(ExecutionMode.CONCURRENT)
final class StopTest {
    @Test
    void aBuildThatRunsIsFinishedAndFollowedToItsEnd(TestBed bed) throws IOException {
        Path folder = TestBed.folder("slipway-stop-");
        HeldRun held = new HeldRun();
        try (SlipwayService service = SlipwayService.start(
                        folder.resolve("home"), bed.bases(), Map.of("workers.drain-timeout", "5m"));
                BuildContext context = BuildContext.of("FROM busybox:1.35\n" + held.instruction())) {
            SlipwayClient client = service.client();
            String id = client.submit(context);
            held.await();
            try (InputStream log = client.stream("/v1/builds/" + id + "/logs?follow=true")) {
                service.terminate();
                awaitDraining(client);
                held.letGo();
                assertThat(new String(log.readAllBytes(), StandardCharsets.UTF_8))
                        .contains("holding")
                        .contains("Build " + id + " succeeded");
            }
            service.awaitEnd();
            assertNothingLeft(service, held);

            service.restart();
            JsonNode build = client.show(id);
            assertThat(build.get("state").asString()).isEqualTo("succeeded");
            assertThat(build.get("digest").asString()).startsWith("sha256:");
            assertThat(build.get("attempt").asInt()).isEqualTo(1);
        } finally {
            TestBed.remove(folder);
        }
    }

    @Test
    void aBuildThatTakesTooLongIsDoneByTheNextService(TestBed bed) throws IOException {
        Path folder = TestBed.folder("slipway-stop-");
        HeldRun held = new HeldRun();
        try (SlipwayService service = SlipwayService.start(
                        folder.resolve("home"), bed.bases(), Map.of("workers.drain-timeout", "1s"));
                BuildContext context = BuildContext.of("FROM busybox:1.35\n" + held.instruction())) {
            SlipwayClient client = service.client();
            String id = client.submit(context);
            held.await();
            service.terminate();
            service.awaitEnd();
            assertNothingLeft(service, held);

            service.restart();
            held.await();
            held.letGo();
            JsonNode build = client.await(id);
            assertThat(build.get("state").asString()).as(client.logs(id)).isEqualTo("succeeded");
            assertThat(build.get("attempt").asInt()).isEqualTo(2);
        } finally {
            TestBed.remove(folder);
        }
    }

    private static void awaitDraining(SlipwayClient client) {
        Awaitility.await("the service to be no longer ready")
                .atMost(Duration.ofSeconds(30))
                .until(() -> client.get("/actuator/health/readiness").status() == 503);
        assertThat(client.get("/actuator/health/liveness").status()).isEqualTo(200);
    }

    private static void assertNothingLeft(SlipwayService service, HeldRun held) throws IOException {
        assertThat(held.isRunning()).as("a process of the build is left").isFalse();
        try (Stream<Path> workers = Files.list(service.home().resolve("workers"))) {
            assertThat(workers).isEmpty();
        }
        try (Stream<Path> work = Files.list(service.home().resolve("work"))) {
            assertThat(work.map(path -> path.getFileName().toString())).noneMatch(name -> name.startsWith("bld_"));
        }
    }
}
