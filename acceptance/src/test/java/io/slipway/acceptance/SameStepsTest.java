package io.slipway.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.acceptance.fixture.BuildContext;
import io.slipway.acceptance.fixture.HeldRun;
import io.slipway.acceptance.fixture.Registry;
import io.slipway.acceptance.fixture.SlipwayClient;
import io.slipway.acceptance.fixture.SlipwayService;
import io.slipway.acceptance.fixture.TestBed;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import tools.jackson.databind.JsonNode;

/** Identical steps, of one build or of several at once, are done once. */
@Execution(ExecutionMode.SAME_THREAD)
final class SameStepsTest {
    private static final String WAITING = "waiting for the same step";

    private static Path folder;
    private static Registry bases;
    private static SlipwayService service;
    private static SlipwayClient client;

    @BeforeAll
    static void start() throws IOException {
        folder = TestBed.folder("slipway-same-steps-");
        bases = Registry.ofBases("busybox");
        service = SlipwayService.start(folder.resolve("home"), bases, Map.of("workers.slots", "3"));
        client = service.client();
    }

    @AfterAll
    static void stop() {
        service.close();
        bases.close();
        TestBed.remove(folder);
    }

    /** A RUN that is held and one whose result is another one each time. */
    private static BuildContext random(HeldRun held) {
        return BuildContext.of("FROM busybox:1.35\n" + held.instruction() + "RUN head -c 16 /dev/urandom > /random # "
                + UUID.randomUUID() + "\nCMD [\"true\"]\n");
    }

    @Test
    void aBuildWaitsForTheStepThatAnotherOneDoesAndHasItsResult() throws IOException {
        HeldRun held = new HeldRun();
        try (BuildContext context = random(held)) {
            String first = client.submit(context);
            held.await();
            String second = client.submit(context);
            awaitLog(second, WAITING);
            held.letGo();
            JsonNode one = client.await(first);
            JsonNode other = client.await(second);
            assertThat(one.get("state").asString()).as(client.logs(first)).isEqualTo("succeeded");
            assertThat(other.get("digest")).as(client.logs(second)).isEqualTo(one.get("digest"));
            assertThat(states(one, other, 0)).containsExactlyInAnyOrder("executed", "cached");
            assertThat(states(one, other, 1)).containsExactlyInAnyOrder("executed", "cached");
        }
    }

    @Test
    void aBuildThatWaitsGoesOnWhenTheWorkerOfTheOtherIsKilled() throws IOException {
        HeldRun held = new HeldRun();
        try (BuildContext context = random(held)) {
            String first = client.submit(context);
            held.await();
            String second = client.submit(context);
            awaitLog(second, WAITING);
            held.killWorker(service);
            held.await();
            held.letGo();
            JsonNode one = client.await(first);
            JsonNode other = client.await(second);
            assertThat(other.get("state").asString()).as(client.logs(second)).isEqualTo("succeeded");
            assertThat(one.get("digest")).as(client.logs(first)).isEqualTo(other.get("digest"));
        }
    }

    @Test
    void aBuildThatWaitsIsCancelledAtOnce() throws IOException {
        HeldRun held = new HeldRun();
        try (BuildContext context = random(held)) {
            String first = client.submit(context);
            held.await();
            String second = client.submit(context);
            awaitLog(second, WAITING);
            assertThat(client.post("/v1/builds/" + second + "/cancel").status()).isBetween(200, 204);
            assertThat(client.await(second).get("state").asString()).isEqualTo("cancelled");
            assertThat(client.show(first).get("state").asString()).isEqualTo("running");
            held.letGo();
            assertThat(client.await(first).get("state").asString()).isEqualTo("succeeded");
        }
    }

    /** The next build does not wait for ever for a step that failed, nor does it believe it. */
    @Test
    void aStepThatFailedIsDoneByWhoeverWaits() throws IOException {
        HeldRun held = new HeldRun();
        String cache = UUID.randomUUID().toString();
        String run = "RUN --mount=type=cache,id=%s,target=/shared ".formatted(cache);
        try (BuildContext context = BuildContext.of("FROM busybox:1.35\n"
                + held.instruction().replace("RUN trap 'exit 0'", run + "trap 'mkdir /shared/been'"))) {
            String first = client.submit(context);
            held.await();
            String second = client.submit(context);
            awaitLog(second, WAITING);
            held.letGo();
            JsonNode one = client.await(first);
            held.await();
            held.letGo();
            JsonNode other = client.await(second);
            assertThat(one.get("state").asString()).as(client.logs(first)).isEqualTo("failed");
            assertThat(other.get("state").asString()).as(client.logs(second)).isEqualTo("failed");
            assertThat(client.logs(second)).contains("File exists");
        }
    }

    @Test
    void whoHasWaitedForAStepThatFailedDoesNotWaitForTheNextToFail() throws IOException {
        HeldRun held = new HeldRun();
        try (BuildContext context =
                BuildContext.of("FROM busybox:1.35\n" + held.instruction().replace("exit 0", "exit 7"))) {
            String first = client.submit(context);
            held.await();
            List<String> others = List.of(client.submit(context), client.submit(context));
            for (String other : others) {
                awaitLog(other, WAITING);
            }
            held.letGo();
            assertThat(client.await(first).at("/error/exitCode").asInt()).isEqualTo(7);
            held.await(2);
            held.letGo();
            held.await(1);
            held.letGo();
            for (String other : others) {
                assertThat(client.await(other).at("/error/exitCode").asInt()).isEqualTo(7);
            }
        }
    }

    @Test
    void twoStagesThatDoTheSameDoItOnce() {
        String run = "RUN head -c 16 /dev/urandom > /random # " + UUID.randomUUID() + "\n";
        try (BuildContext context =
                BuildContext.of("FROM busybox:1.35 AS one\n" + run + "FROM busybox:1.35 AS other\n" + run + """
                        FROM busybox:1.35
                        COPY --from=one /random /one
                        COPY --from=other /random /other
                        RUN cmp /one /other
                        """)) {
            client.succeed(context);
        }
    }

    private static List<String> states(JsonNode one, JsonNode other, int run) {
        return List.of(state(one, run), state(other, run));
    }

    private static String state(JsonNode build, int run) {
        return build.get("steps")
                .valueStream()
                .filter(step -> step.get("instruction").asString().startsWith("RUN"))
                .skip(run)
                .findFirst()
                .orElseThrow()
                .get("state")
                .asString();
    }

    private static void awaitLog(String build, String text) throws IOException {
        try (InputStream log = client.stream("/v1/builds/" + build + "/logs?follow=true")) {
            StringBuilder seen = new StringBuilder();
            byte[] buffer = new byte[4096];
            while (seen.indexOf(text) < 0) {
                int n = log.read(buffer);
                assertThat(n).as("the log so far: %s", seen).isPositive();
                seen.append(new String(buffer, 0, n, StandardCharsets.UTF_8));
            }
        }
    }
}
