package io.slipway.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.acceptance.fixture.BothImages;
import io.slipway.acceptance.fixture.BuildContext;
import io.slipway.acceptance.fixture.Buildah;
import io.slipway.acceptance.fixture.HeldRun;
import io.slipway.acceptance.fixture.ImageTree;
import io.slipway.acceptance.fixture.OciImage;
import io.slipway.acceptance.fixture.Programs;
import io.slipway.acceptance.fixture.SlipwayClient;
import io.slipway.acceptance.fixture.TestBed;
import io.slipway.api.testing.CheckedForward;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Builds queue, run, are followed, cancelled and answered from the cache. */
@ExtendWith(TestBed.Extension.class)
final class QueueTest {
    /** Each client is a process that sends its contexts as people do; all are there before any is awaited. */
    @Test
    void eightBuildsOfFourClientsAtOnceBecomeWhatBuildahMakesOfThem(TestBed bed) throws Exception {
        List<BuildContext> contexts = new ArrayList<>();
        try (CheckedForward way = new CheckedForward(bed.service().url());
                ExecutorService clients = Executors.newFixedThreadPool(4)) {
            for (int i = 0; i < 8; i++) {
                contexts.add(BuildContext.of("""
                                FROM busybox:1.35
                                COPY number /copied/
                                RUN cat /copied/number /copied/number > /twice && sleep 1
                                CMD ["cat", "/twice"]
                                """).file("number", i + "-" + UUID.randomUUID() + "\n"));
            }
            List<Future<List<String>>> sent = new ArrayList<>();
            for (int i = 0; i < 8; i += 2) {
                List<BuildContext> pair = contexts.subList(i, i + 2);
                sent.add(clients.submit(
                        () -> sendWithCurl(way.url(), bed.service().token(), pair)));
            }
            List<String> builds = new ArrayList<>();
            for (Future<List<String>> ids : sent) {
                builds.addAll(ids.get());
            }
            for (int i = 0; i < 8; i++) {
                JsonNode build = bed.client().await(builds.get(i));
                assertThat(build.get("state").asString())
                        .as(bed.client().logs(builds.get(i)))
                        .isEqualTo("succeeded");
                BuildContext context = contexts.get(i);
                assertIsWhatBuildahMakes(bed, context, bed.download(build, context));
            }
        } finally {
            contexts.forEach(BuildContext::close);
        }
    }

    @Test
    void theSameContextTwiceIsAllCachedAndHasTheSameDigest(TestBed bed) throws IOException {
        try (BuildContext context = BuildContext.of("""
                        FROM busybox:1.35
                        RUN echo one > /one
                        COPY number /number
                        RUN cat /number /number > /twice
                        CMD ["cat", "/twice"]
                        """).file("number", UUID.randomUUID() + "\n")) {
            String[] tagged = {"tag", "localhost/twice:" + OciImage.TAG, "push", "false"};
            JsonNode first = bed.client().succeed(context, tagged);
            JsonNode second = bed.client().succeed(context, tagged);
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
            assertIsWhatBuildahMakes(bed, context, bed.download(second, context));
        }
    }

    /** Sends contexts one after the other from one process, and answers with the builds' ids. */
    private static List<String> sendWithCurl(String url, String token, List<BuildContext> contexts) {
        List<String> command =
                new ArrayList<>(List.of("bash", "-euo", "pipefail", "-c", """
                        url=$1 token=$2 tag=$3
                        shift 3
                        for context; do
                          tar -C "$context" -c . | curl -fsS --data-binary @- -H "Content-Type: application/x-tar" \
                            -H "Authorization: Bearer $token" "$url/v1/builds?tag=localhost/eight:$tag&push=false"
                          echo
                        done
                        """, "client", url, token, OciImage.TAG));
        contexts.forEach(context -> command.add(context.folder().toString()));
        return Programs.run(command.toArray(String[]::new))
                .lines()
                .filter(answer -> !answer.isBlank())
                .map(answer -> JsonMapper.shared().readTree(answer).get("id").asString())
                .toList();
    }

    /** The context's file {@code number} is in the image twice, and running it says so. */
    private static void assertIsWhatBuildahMakes(TestBed bed, BuildContext context, OciImage image) throws IOException {
        BothImages images = new BothImages(image, ImageTree.of(image), Buildah.build(context, bed.bases()));
        assertThat(images.differences()).isEmpty();
        String number = Files.readString(context.folder().resolve("number"));
        assertThat(image.run()).isEqualTo(number + number);
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
    void aBuildIsDoneOnceMoreFromTheSameContext(TestBed bed) {
        try (BuildContext context =
                BuildContext.of("FROM scratch\nCOPY number /number\n").file("number", UUID.randomUUID() + "\n")) {
            SlipwayClient client = bed.client();
            JsonNode first = client.succeed(context);
            String id = first.get("id").asString();
            SlipwayClient.Answer answer = client.post("/v1/builds/" + id + "/retry");
            assertThat(answer.status()).as(answer.body()).isEqualTo(202);
            JsonNode second = client.await(answer.json().get("id").asString());
            assertThat(second.get("state").asString()).isEqualTo("succeeded");
            assertThat(second.get("retryOf").asString()).isEqualTo(id);
            assertThat(second.get("digest")).isEqualTo(first.get("digest"));
        }
    }

    @Test
    void aRunningBuildEndsWhenANewerOneTakesItsPlace(TestBed bed) {
        HeldRun run = new HeldRun();
        String key = UUID.randomUUID().toString();
        try (BuildContext held = BuildContext.of("FROM busybox:1.35\n" + run.instruction());
                BuildContext quick = BuildContext.of("FROM scratch\nLABEL a=b\n")) {
            SlipwayClient client = bed.client();
            String older = client.submit(held, "supersedes", key);
            run.await();
            String newer = client.submit(quick, "supersedes", key);
            JsonNode ended = client.await(older);
            assertThat(ended.get("state").asString()).isEqualTo("cancelled");
            assertThat(ended.at("/error/code").asString()).isEqualTo("superseded");
            assertThat(ended.get("supersededBy").asString()).isEqualTo(newer);
            assertThat(run.isRunning()).isFalse();
            assertThat(client.await(newer).get("state").asString()).isEqualTo("succeeded");
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
