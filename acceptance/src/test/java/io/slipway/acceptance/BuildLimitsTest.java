package io.slipway.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.slipway.acceptance.fixture.BuildContext;
import io.slipway.acceptance.fixture.HeldRun;
import io.slipway.acceptance.fixture.OwnControlGroup;
import io.slipway.acceptance.fixture.Registry;
import io.slipway.acceptance.fixture.SlipwayClient;
import io.slipway.acceptance.fixture.SlipwayService;
import io.slipway.acceptance.fixture.TestBed;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/** What one build may take, by the limits of its project. */
@ExtendWith(TestBed.Extension.class)
final class BuildLimitsTest {
    private static String project(SlipwayClient client, String limits) {
        String name = "limits-" + UUID.randomUUID();
        assertThat(client.send(client.request("/v1/projects")
                                .header("Content-Type", "application/json")
                                .POST(BodyPublishers.ofString("{\"name\": \"" + name + "\"}")))
                        .status())
                .isEqualTo(201);
        SlipwayClient.Answer limited = client.send(client.request("/v1/projects/" + name)
                .header("Content-Type", "application/json")
                .method("PATCH", BodyPublishers.ofString("{\"limits\": " + limits + "}")));
        assertThat(limited.status()).as(limited.body()).isEqualTo(200);
        return name;
    }

    private static JsonNode build(SlipwayClient client, String project, String instructions, String... more)
            throws IOException {
        try (BuildContext context = BuildContext.of("FROM busybox:1.35\n" + instructions)) {
            String[] query = new String[more.length + 2];
            query[0] = "project";
            query[1] = project;
            System.arraycopy(more, 0, query, 2, more.length);
            return client.build(context, query);
        }
    }

    private static String code(JsonNode build) {
        return build.at("/error/code").asString("");
    }

    @Test
    void anImageThatIsLargerIsNeitherMadeNorPushed(TestBed bed) throws IOException {
        SlipwayClient client = bed.client();
        String project = project(client, "{\"imageBytes\": 5000000}");
        try (Registry registry = Registry.open(TestBed.folder("limits-"))) {
            JsonNode large = build(
                    client,
                    project,
                    "RUN head -c 5000000 /dev/urandom > /large\n",
                    "tag",
                    registry.host() + "/team/app:1");
            assertThat(code(large)).as(large.toString()).isEqualTo("limit_exceeded");
            assertThat(large.at("/error/message").asString()).contains("5000000");
            assertThat(client.send(java.net.http.HttpRequest.newBuilder(
                                    java.net.URI.create(registry.url() + "/v2/team/app/manifests/1")))
                            .status())
                    .isEqualTo(404);
        }
        assertThat(build(client, project, "RUN echo small > /small\n")
                        .get("state")
                        .asString())
                .isEqualTo("succeeded");
    }

    @Test
    void aBuildThatFillsMoreOfTheDiskIsEnded(TestBed bed) throws IOException {
        SlipwayClient client = bed.client();
        String project = project(client, "{\"diskBytes\": 50000000}");
        JsonNode large = build(client, project, "RUN dd if=/dev/zero of=/large bs=1M count=100 && sleep 120\n");
        assertThat(code(large)).as(large.toString()).isEqualTo("limit_exceeded");
        assertThat(large.at("/error/line").asInt()).isEqualTo(2);
        assertThat(large.at("/error/message").asString()).contains("50000000");
    }

    @Test
    void whatABuildRunsIsHeldToMemoryProcessorsAndProcesses(TestBed bed) throws IOException {
        OwnControlGroup own = OwnControlGroup.make().orElse(null);
        assumeTrue(own != null, "no control groups of version 1 that can be made here");
        Path folder = TestBed.folder("limits-");
        try (own) {
            try (SlipwayService service = SlipwayService.start(
                    folder.resolve("home"), bed.bases(), Map.of("workers.control-groups", own.setting()))) {
                SlipwayClient client = service.client();
                String project =
                        project(client, "{\"memoryBytes\": 500000000, \"cpuMillis\": 1500, \"processes\": 400}");
                String eat = "RUN awk 'BEGIN { s = \"x\"; while (length(s) < 300000000) s = s s }'\n";
                JsonNode eaten = build(client, project, eat);
                assertThat(eaten.get("state").asString()).as(eaten.toString()).isEqualTo("failed");
                assertThat(eaten.at("/error/exitCode").asInt()).isEqualTo(137);
                assertThat(code(eaten)).as(eaten.toString()).isEqualTo("step_out_of_memory");
                assertThat(eaten.at("/error/hint").asString()).contains("500000000", "memoryBytes");
                JsonNode noticed = build(client, project, eat.strip() + " || exit 3\n");
                assertThat(code(noticed)).as(noticed.toString()).isEqualTo("step_out_of_memory");
                assertThat(noticed.at("/error/exitCode").asInt()).isEqualTo(3);
                assertThat(code(build(client, project, "RUN exit 3\n"))).isEqualTo("step_failed");
                assertThat(build(client, "default", eat).get("state").asString())
                        .isEqualTo("succeeded");

                JsonNode forked =
                        build(client, project, "RUN i=0; while [ $i -lt 500 ]; do sleep 60 & i=$((i+1)); done\n");
                assertThat(code(forked)).as(forked.toString()).isEqualTo("step_failed");
                assertThat(client.logs(forked.get("id").asString())).contains("fork");

                HeldRun held = new HeldRun();
                try (BuildContext context = BuildContext.of("FROM busybox:1.35\n" + held.instruction())) {
                    String id = client.submit(context, "project", project);
                    held.await();
                    assertThat(groupOfTheBusyWorker(own.of("cpu"), "cpu.cfs_quota_us", "150000"))
                            .isTrue();
                    held.letGo();
                    assertThat(client.await(id).get("state").asString()).isEqualTo("succeeded");
                }
            }
            Awaitility.await("the workers' groups are gone")
                    .atMost(Duration.ofMinutes(1))
                    .until(() -> workers(own.of("memory")) == 0 && workers(own.of("pids")) == 0);
        } finally {
            TestBed.remove(folder);
        }
    }

    @Test
    void whatASignalEndsIsToldByItsName(TestBed bed) throws IOException {
        for (String signal : List.of("SEGV", "TERM")) {
            JsonNode ended = build(bed.client(), "default", "RUN sh -c 'kill -" + signal + " $$'; exit $?\n");
            assertThat(code(ended)).as(ended.toString()).isEqualTo("step_killed");
            assertThat(ended.at("/error/message").asString()).contains("SIG" + signal);
        }
        assertThat(code(build(bed.client(), "default", "RUN exit 129\n"))).isEqualTo("step_failed");
    }

    @Test
    void aCommandMayNotTakeAllProcessIdsAndGoesFirstWhenMemoryRunsOut(TestBed bed) throws IOException {
        JsonNode build = build(bed.client(), "default", """
                RUN awk '/^Max processes/ { found = $3 <= 16384 && $4 <= 16384 } END { exit !found }' /proc/self/limits
                RUN test "$(cat /proc/self/oom_score_adj)" -ge 500
                """);
        assertThat(build.get("state").asString()).as(build.toString()).isEqualTo("succeeded");
        // As the kernel counts: with a smaller limit, so that nobody notices if it does not.
        JsonNode forked = build(
                bed.client(),
                "default",
                "RUN ulimit -u 200; i=0; while [ $i -lt 400 ]; do sleep 30 & i=$((i+1)); done\n");
        assertThat(code(forked)).as(forked.toString()).isEqualTo("step_failed");
        assertThat(bed.client().logs(forked.get("id").asString())).contains("fork");
    }

    private static boolean groupOfTheBusyWorker(Path group, String file, String value) throws IOException {
        try (DirectoryStream<Path> workers = Files.newDirectoryStream(group, "wrk_*")) {
            for (Path worker : workers) {
                if (Files.readString(worker.resolve(file)).strip().equals(value)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static int workers(Path group) throws IOException {
        int count = 0;
        try (DirectoryStream<Path> workers = Files.newDirectoryStream(group, "wrk_*")) {
            for (Path _ : workers) {
                count++;
            }
        }
        return count;
    }
}
