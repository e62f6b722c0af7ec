package io.slipway.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.acceptance.fixture.BuildContext;
import io.slipway.acceptance.fixture.SlipwayClient;
import io.slipway.acceptance.fixture.TestBed;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/** Builds queue, run, are followed, cancelled and answered from the cache. */
@ExtendWith(TestBed.Extension.class)
final class QueueTest {
    @Test
    void eightBuildsOfFourClientsAllEndWell(TestBed bed) throws Exception {
        try (ExecutorService clients = Executors.newFixedThreadPool(4)) {
            List<Future<JsonNode>> builds = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                int number = i;
                builds.add(clients.submit(() -> {
                    try (BuildContext context =
                            BuildContext.of("FROM busybox:1.35\nRUN echo %d-%s > /number && sleep 1\n"
                                    .formatted(number, UUID.randomUUID()))) {
                        return bed.client().succeed(context, "tag", bed.target().host() + "/eight/app:" + number);
                    }
                }));
            }
            List<String> digests = new ArrayList<>();
            for (Future<JsonNode> build : builds) {
                digests.add(build.get().get("digest").asString());
            }
            assertThat(digests).doesNotHaveDuplicates();
        }
    }

    @Test
    void theSameContextTwiceIsAllCachedAndHasTheSameDigest(TestBed bed) {
        try (BuildContext context =
                BuildContext.of("""
                        FROM busybox:1.35
                        RUN echo one > /one
                        COPY file /file
                        RUN cat /one /file > /both
                        ENV A=b
                        """).file("file", UUID.randomUUID().toString())) {
            JsonNode first = bed.client().succeed(context);
            JsonNode second = bed.client().succeed(context);
            assertThat(second.get("digest")).isEqualTo(first.get("digest"));
            assertThat(second.get("steps")
                            .valueStream()
                            .map(step -> step.get("state").asString()))
                    .isSubsetOf("cached", "executed")
                    .contains("cached");
            assertThat(second.get("steps")
                            .valueStream()
                            .filter(step -> step.has("layer"))
                            .map(step -> step.get("state").asString()))
                    .containsOnly("cached");
        }
    }

    @Test
    void theLogIsSentWhileTheBuildRunsAndIsWholeAfterwards(TestBed bed) throws IOException {
        try (BuildContext context = BuildContext.of(
                "FROM busybox:1.35\nRUN echo begin-%s; for i in $(seq 2000); do echo line $i; done; echo the end\n"
                        .formatted(UUID.randomUUID()))) {
            SlipwayClient client = bed.client();
            String id = client.submit(context);
            String followed;
            try (InputStream log = client.stream("/v1/builds/" + id + "/logs?follow=true")) {
                followed = new String(log.readAllBytes(), StandardCharsets.UTF_8);
            }
            assertThat(followed).contains("line 1\n").contains("line 2000\n").contains("the end");
            client.await(id);
            assertThat(client.logs(id)).contains("line 1\n").contains("line 2000\n");
        }
    }

    @Test
    void aRunningBuildIsCancelledAndLeavesNoProcess(TestBed bed) throws IOException {
        String mark = UUID.randomUUID().toString();
        try (BuildContext context =
                BuildContext.of("FROM busybox:1.35\nRUN echo started; exec sleep 600 # " + mark + "\n")) {
            SlipwayClient client = bed.client();
            String id = client.submit(context);
            try (InputStream log = client.stream("/v1/builds/" + id + "/logs?follow=true")) {
                StringBuilder seen = new StringBuilder();
                byte[] buffer = new byte[4096];
                while (seen.indexOf("started") < 0) {
                    int n = log.read(buffer);
                    assertThat(n).as("the log so far: %s", seen).isPositive();
                    seen.append(new String(buffer, 0, n, StandardCharsets.UTF_8));
                }
            }
            assertThat(client.post("/v1/builds/" + id + "/cancel").status()).isBetween(200, 204);
            assertThat(client.await(id).get("state").asString()).isEqualTo("cancelled");
            assertThat(ProcessHandle.allProcesses()
                            .map(process -> process.info().commandLine().orElse("")))
                    .noneMatch(command -> command.contains(mark));
        }
    }

    @Test
    void anIdempotencyKeyMakesOneBuildOfTwoRequests(TestBed bed) {
        try (BuildContext context = BuildContext.of("FROM scratch\nLABEL a=b\n")) {
            SlipwayClient client = bed.client();
            String key = UUID.randomUUID().toString();
            List<String> answers = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                SlipwayClient.Answer answer = client.send(client.request("/v1/builds")
                        .header("Content-Type", "application/x-tar")
                        .header("Idempotency-Key", key)
                        .POST(context.tar()));
                assertThat(answer.status()).isEqualTo(202);
                answers.add(answer.body());
            }
            assertThat(answers.get(1)).isEqualTo(answers.get(0));
        }
    }
}
