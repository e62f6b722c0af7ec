package io.slipway.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.acceptance.fixture.BuildContext;
import io.slipway.acceptance.fixture.HeldRun;
import io.slipway.acceptance.fixture.Programs;
import io.slipway.acceptance.fixture.Registry;
import io.slipway.acceptance.fixture.SlipwayClient;
import io.slipway.acceptance.fixture.SlipwayClient.Answer;
import io.slipway.acceptance.fixture.SlipwayService;
import io.slipway.acceptance.fixture.SmallDisk;
import io.slipway.acceptance.fixture.StalledFile;
import io.slipway.acceptance.fixture.TestBed;
import io.slipway.api.testing.PortForward;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.ResourceLockTarget;
import tools.jackson.databind.JsonNode;

/** Whatever dies while a build runs, nothing that was accepted is lost and nothing is left behind. */
@Execution(ExecutionMode.CONCURRENT)
@ResourceLock(value = "the service that one test after the other does harm to", target = ResourceLockTarget.CHILDREN)
final class FaultTest {
    private static final Pattern HEX = Pattern.compile("[0-9a-f]{64}");

    private static Path folder;
    private static Registry bases;
    private static SlipwayService service;

    @BeforeAll
    static void start() throws IOException {
        folder = TestBed.folder("slipway-faults-");
        bases = Registry.ofBases("busybox");
        // A lease as long as a database needs to come back, also on a slow machine.
        service = SlipwayService.start(
                folder.resolve("home"),
                bases,
                Map.of("workers.slots", "1", "workers.lease", "180s", "context.denied-networks", ""));
    }

    @AfterAll
    static void stop() {
        service.close();
        bases.close();
        TestBed.remove(folder);
    }

    @Test
    void aBuildWhoseWorkerIsKilledSucceedsOnAnotherOne() throws IOException {
        HeldRun held = new HeldRun();
        try (BuildContext context = BuildContext.of("FROM busybox:1.35\n" + held.instruction())) {
            SlipwayClient client = service.client();
            String id = client.submit(context);
            held.await();
            held.killWorker(service);
            awaitAttempt(client, id, 2);
            held.await();
            held.letGo();
            JsonNode build = client.await(id);
            assertThat(build.get("state").asString()).as(client.logs(id)).isEqualTo("succeeded");
            assertThat(build.get("attempt").asInt()).isEqualTo(2);
            assertNothingLeft(held, id);
        }
    }

    @Test
    void nothingHalfMadeStaysInTheStoreWhenAWorkerIsKilled() throws Exception {
        HeldRun held = new HeldRun();
        try (StalledFile file = new StalledFile();
                BuildContext context =
                        BuildContext.of("""
                        FROM busybox:1.35 AS held
                        %s
                        FROM busybox:1.35
                        ADD %s /file
                        COPY --from=held /etc /copied
                        """.formatted(held.instruction().strip(), file.url()))) {
            SlipwayClient client = service.client();
            String id = client.submit(context);
            held.await();
            file.awaitStall();
            file.letGo(); // for the next attempt; this one has half of it
            held.killWorker(service);
            awaitAttempt(client, id, 2);
            held.await();
            held.letGo();
            assertThat(client.await(id).get("state").asString())
                    .as(client.logs(id))
                    .isEqualTo("succeeded");
            assertNothingLeft(held, id);
            Path store = service.home().resolve("store");
            for (String part : List.of("blobs/sha256", "snapshots")) {
                try (Stream<Path> whole = Files.list(store.resolve(part))) {
                    assertThat(whole.map(path -> path.getFileName().toString())).allMatch(HEX.asMatchPredicate());
                }
            }
            assertThat(store.resolve("ingest")).isEmptyDirectory();
        }
    }

    @Test
    void aBuildWhoseWorkersAreKilledTwiceIsWorkerLost() throws IOException {
        HeldRun held = new HeldRun();
        try (BuildContext context = BuildContext.of("FROM busybox:1.35\n" + held.instruction())) {
            SlipwayClient client = service.client();
            String id = client.submit(context);
            held.await();
            held.killWorker(service);
            awaitAttempt(client, id, 2);
            held.await();
            held.killWorker(service);
            assertFailed(client.await(id), "worker_lost");
            assertNothingLeft(held, id);
        }
        succeeds(service);
    }

    @Test
    void aServiceThatIsKilledLosesNeitherTheRunningNorTheQueuedBuild() throws IOException {
        HeldRun held = new HeldRun();
        try (BuildContext context = BuildContext.of("FROM busybox:1.35\n" + held.instruction());
                BuildContext waiting = BuildContext.of("FROM scratch\nLABEL queued=true\n")) {
            SlipwayClient client = service.client();
            String running = client.submit(context);
            held.await();
            String queued = client.submit(waiting);
            service.kill();
            service.restart();
            held.await();
            held.letGo();
            for (String id : List.of(running, queued)) {
                assertThat(client.await(id).get("state").asString())
                        .as(client.logs(id))
                        .isEqualTo("succeeded");
            }
            assertThat(client.logs(running)).contains("holding");
            assertNothingLeft(held, running);
        }
    }

    @Test
    void aBuildOutlivesTheDatabase() throws IOException {
        HeldRun held = new HeldRun();
        try (BuildContext context = BuildContext.of("FROM busybox:1.35\n" + held.instruction())) {
            SlipwayClient client = service.client();
            String id = client.submit(context);
            held.await();
            Path pidFile = service.home().resolve("postgres/data/postmaster.pid");
            String pid = Files.readAllLines(pidFile).getFirst();
            Programs.run("kill", "-KILL", pid);
            held.letGo();
            Awaitility.await("the database that follows")
                    .atMost(Duration.ofMinutes(3))
                    .ignoreExceptions() // the file is not there, or has nothing in it, for a moment
                    .until(() -> client.get("/v1/builds/" + id).status() == 200
                            && !Files.readAllLines(pidFile).getFirst().equals(pid));
            assertThat(client.await(id).get("state").asString())
                    .as(client.logs(id))
                    .isEqualTo("succeeded");
            assertThat(client.logs(id)).contains("holding").contains("succeeded");
        }
    }

    @Test
    void whatIsBuiltWhileTheDatabaseDiesAgainAndAgainIsBuiltOnce() throws IOException {
        // Built a second time, it would be something else.
        String dockerfile = "FROM busybox:1.35\nARG NUMBER\nRUN echo $NUMBER; head -c 32 /dev/urandom >/made\n";
        SlipwayClient client = service.client();
        try (Registry target = Registry.open(folder.resolve("once"));
                BuildContext context = BuildContext.of(dockerfile)) {
            Map<String, String> tags = new LinkedHashMap<>();
            for (int number = 0; number < 9; number++) {
                String tag = target.host() + "/team/once:" + number;
                String path = "/v1/builds?tag=" + tag + "&buildArg=NUMBER%3D" + number;
                String key = context.name() + "-" + number;
                Answer accepted = Awaitility.await("the answer to " + key)
                        .atMost(Duration.ofMinutes(3))
                        .until(
                                () -> client.send(client.request(path)
                                        .header("Content-Type", "application/x-tar")
                                        .header("Idempotency-Key", key)
                                        .POST(context.tar())),
                                answer -> answer.status() != 503 && answer.status() != 409);
                assertThat(accepted.status()).as(accepted.body()).isEqualTo(202);
                tags.put(accepted.json().get("id").asString(), tag);
                if (number % 3 == 1) {
                    killDatabase();
                }
            }
            Set<String> digests = new HashSet<>();
            tags.forEach((id, tag) -> {
                JsonNode build = client.await(id);
                assertThat(build.get("state").asString()).as(client.logs(id)).isEqualTo("succeeded");
                assertThat(build.get("attempt").asInt()).isEqualTo(1);
                digests.add(build.get("digest").asString());
                assertThat(Registry.digest(tag)).isEqualTo(build.get("digest").asString());
                assertThat(client.get("/v1/builds?tag=" + tag).json().get("builds"))
                        .as("builds of " + tag)
                        .hasSize(1);
            });
            assertThat(digests).hasSameSizeAs(tags.keySet());
        }
    }

    private static void killDatabase() throws IOException {
        Path pidFile = service.home().resolve("postgres/data/postmaster.pid");
        Programs.run("kill", "-KILL", Files.readAllLines(pidFile).getFirst());
    }

    @Test
    void aRegistryThatDiesBeforeThePushIsNamed() throws IOException {
        HeldRun held = new HeldRun();
        try (Registry target = Registry.open(folder.resolve("gone"));
                BuildContext context = BuildContext.of("FROM busybox:1.35\n" + held.instruction())) {
            SlipwayClient client = service.client();
            String id = client.submit(context, "tag", target.host() + "/team/app:1");
            held.await();
            target.kill();
            held.letGo();
            JsonNode build = client.await(id);
            assertFailed(build, "registry_unreachable");
            assertThat(build.get("error").get("message").asString()).contains(target.host());
            assertThat(build.get("error").get("instruction").asString()).isEqualTo("export");
            // What was made is kept: it can be had from Slipway itself, and pushed by whoever likes to.
            Path kept = folder.resolve("kept.tar");
            client.download(id, "rootfs", kept);
            assertThat(Programs.run("tar", "-tf", kept.toString())).contains("bin/busybox");
            assertThat(build.get("pullName").asString())
                    .endsWith("@" + build.get("digest").asString());
        }
    }

    @Test
    void aRegistryThatComesBackWhileThePushIsTriedAgainGetsTheImage() throws Exception {
        HeldRun held = new HeldRun();
        try (Registry target = Registry.open(folder.resolve("back"));
                PortForward way = new PortForward(0, port(target));
                BuildContext context = BuildContext.of("FROM busybox:1.35\n" + held.instruction())) {
            SlipwayClient client = service.client();
            String id = client.submit(context, "tag", "127.0.0.1:" + way.port() + "/team/app:1");
            held.await();
            way.shut();
            held.letGo();
            way.awaitRefused(); // the push has begun, and lost its first connection
            // It is not tried for long: a registry's process might not be up by then.
            way.open();
            JsonNode build = client.await(id);
            assertThat(build.get("state").asString()).as(client.logs(id)).isEqualTo("succeeded");
            assertThat(Registry.digest(target.host() + "/team/app:1"))
                    .isEqualTo(build.get("digest").asString());
        }
    }

    @Test
    void aBuildThatFillsTheDiskSaysSoAndTheServiceGoesOn() throws IOException {
        try (SmallDisk disk = new SmallDisk(600);
                SlipwayService small = SlipwayService.start(
                        disk.folder().resolve("home"), bases, Map.of("limits.free-space", "20MB"));
                BuildContext context = BuildContext.of("""
                        FROM busybox:1.35
                        RUN echo small > /small
                        RUN dd if=/dev/zero of=/large bs=1M count=1000
                        """);
                BuildContext beside = BuildContext.of("""
                        FROM busybox:1.35
                        RUN head -c 240000000 /dev/urandom > /one
                        RUN head -c 300000000 /dev/urandom > /two
                        """)) {
            JsonNode build = small.client().build(context);
            assertFailed(build, "disk_full");
            assertThat(build.get("error").get("line").asInt()).isEqualTo(3);
            assertThat(small.client().logs(build.get("id").asString())).contains("disk", "full");
            assertNothingLeft(small, build.get("id").asString());
            succeeds(small);
            // The layer of the first RUN is committed while the second one runs, and both want the rest.
            JsonNode second = small.client().build(beside);
            assertFailed(second, "disk_full");
            assertThat(second.get("error").get("line").asInt()).isBetween(2, 3);
            assertThat(second.get("error").get("instruction").asString()).startsWith("RUN head");
            succeeds(small);
            // A small body whose tar is larger than the disk.
            Path zeros = TestBed.folder("slipway-zeros-");
            Path archive = zeros.resolve("context.tar.gz");
            Programs.run("truncate", "-s", "700M", zeros.resolve("large").toString());
            Programs.run("tar", "-C", zeros.toString(), "-I", "gzip -1", "-cf", archive.toString(), "large");
            SlipwayClient.Answer refused = small.client().post(BodyPublishers.ofFile(archive), "application/x-tar");
            TestBed.remove(zeros);
            assertThat(refused.status()).as(refused.body()).isEqualTo(507);
            assertThat(refused.body()).contains("kept for running builds");
            succeeds(small);
        }
    }

    /** "No space left" is told before a build begins, and not in its middle. */
    @Test
    void whatWaitsBeginsWhenTheDiskHasRoomAgain() throws IOException {
        try (SmallDisk disk = new SmallDisk(600);
                SlipwayService small = SlipwayService.start(
                        disk.folder().resolve("home"),
                        bases,
                        Map.of("limits.free-space", "100MB", "workers.slots", "1"));
                BuildContext holding = BuildContext.of("FROM busybox:1.35\nRUN echo held && sleep 600\n");
                BuildContext waiting = BuildContext.of("FROM busybox:1.35\nRUN echo begun\n")) {
            SlipwayClient client = small.client();
            String first = client.submit(holding);
            Awaitility.await("it runs")
                    .atMost(Duration.ofMinutes(2))
                    .until(() -> client.logs(first).contains("held"));
            String second = client.submit(waiting);
            Path filling = disk.folder().resolve("filling");
            long most = disk.folder().toFile().getUsableSpace() - (50 << 20);
            Programs.run("fallocate", "-l", Long.toString(most), filling.toString());
            client.post("/v1/builds/" + first + "/cancel");
            assertThat(client.await(first).get("state").asString()).isEqualTo("cancelled");
            Awaitility.await("the queue says what it waits for")
                    .atMost(Duration.ofMinutes(2))
                    .untilAsserted(() -> {
                        JsonNode build = client.show(second);
                        assertThat(build.at("/queue/reason").asString("")).isEqualTo("machine");
                        assertThat(build.get("reason").asString()).contains("bytes free");
                    });
            assertThat(client.get("/actuator/health/readiness").status()).isEqualTo(503);
            Files.delete(filling);
            assertThat(client.await(second).get("state").asString()).isEqualTo("succeeded");
        }
    }

    private static void succeeds(SlipwayService service) throws IOException {
        try (BuildContext context = BuildContext.of("FROM busybox:1.35\nRUN echo still works > /sentence\n")) {
            service.client().succeed(context, "noCache", "true");
        }
    }

    private static void assertFailed(JsonNode build, String code) {
        assertThat(build.get("state").asString()).as(build.toPrettyString()).isEqualTo("failed");
        assertThat(build.get("error").get("code").asString())
                .as(build.toPrettyString())
                .isEqualTo(code);
    }

    private static void awaitAttempt(SlipwayClient client, String id, int attempt) {
        Awaitility.await("attempt " + attempt)
                .atMost(Duration.ofMinutes(1))
                .until(() -> client.show(id).get("attempt").asInt() == attempt);
    }

    private static void assertNothingLeft(HeldRun held, String build) {
        assertNothingLeft(service, build);
        assertThat(held.isRunning()).as("a process of the build is left").isFalse();
    }

    /** A worker that has reported its end is still tidying up. */
    private static void assertNothingLeft(SlipwayService service, String build) {
        Awaitility.await("nothing of " + build + " in the work folder")
                .atMost(Duration.ofMinutes(1))
                .untilAsserted(() -> {
                    try (Stream<Path> left = Files.list(service.home().resolve("work"))) {
                        assertThat(left.map(path -> path.getFileName().toString()))
                                .noneMatch(name -> name.startsWith(build));
                    }
                });
    }

    private static int port(Registry registry) {
        return Integer.parseInt(registry.host().substring(registry.host().indexOf(':') + 1));
    }
}
