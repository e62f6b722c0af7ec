package io.slipway.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.slipway.acceptance.fixture.BuildContext;
import io.slipway.acceptance.fixture.HeldRun;
import io.slipway.acceptance.fixture.Programs;
import io.slipway.acceptance.fixture.SlipwayClient;
import io.slipway.acceptance.fixture.SlipwayService;
import io.slipway.acceptance.fixture.TestBed;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/** A build ends within a second when it is cancelled, whatever it is doing: by itself, and not because its worker is killed after a while. */
@ExtendWith(TestBed.Extension.class)
final class CancelTest {
    /** So much at most, by the clock of this machine, which is the service's. */
    private static final Duration SECOND = Duration.ofSeconds(1);

    /** How long a build takes to come to its end also depends on what else the machine does: two of the tries have to be as quick. */
    private static final int COUNTED = 2;

    private static final int TRIES = 8;

    /** Far shorter than the grace after which a worker is killed. */
    private static final Duration SOON = Duration.ofSeconds(20);

    /** What takes longer than a second to compress, to copy and to unpack. */
    private static final long LARGE_BYTES = 1_500_000_000;

    private static Path folder;
    private static SlipwayService service;

    /** Its service may fetch from this machine, and gives no worker up before it has ended by itself. */
    @BeforeAll
    static void start(TestBed bed) throws IOException {
        folder = TestBed.folder("slipway-cancel-");
        service = SlipwayService.start(
                folder.resolve("home"),
                bed.bases(),
                Map.of("context.denied-networks", "", "workers.cancel-grace", "60s", "workers.slots", "2"));
    }

    @AfterAll
    static void stop() {
        service.close();
        TestBed.remove(folder);
    }

    /** Submits a build and waits until it is where it is to be cancelled. */
    private interface Begun {
        /** The build's id. */
        String build() throws Exception;
    }

    @Test
    void whileItsBaseIsPulled() throws Exception {
        assertEndsWhileASilentServerIsAsked(host -> submit("FROM " + host + "/app\nRUN true\n"));
    }

    @Test
    void whileItsBaseIsUnpacked(TestBed bed) throws Exception {
        // The base is unpacked when the first instruction needs its files; a new one for each try.
        assertEndsWithinASecond(() -> running(submit("FROM " + largeBase(bed) + "\nRUN [\"/none\"]\n"), 2));
    }

    private static String largeBase(TestBed bed) throws IOException {
        Path scratch = Files.createTempDirectory(folder, "base");
        String name = bed.target().host() + "/cancel/large:" + UUID.randomUUID();
        Path tree = Files.createDirectory(scratch.resolve("tree"));
        Files.writeString(tree.resolve("name"), name);
        try (RandomAccessFile large = new RandomAccessFile(tree.resolve("large").toFile(), "rw")) {
            large.setLength(LARGE_BYTES);
        }
        Path layer = scratch.resolve("layer.tar");
        String layout = scratch.resolve("layout").toString();
        Programs.run("tar", "-C", tree.toString(), "-cf", layer.toString(), "name", "large");
        Programs.run("umoci", "init", "--layout", layout);
        Programs.run("umoci", "new", "--image", layout + ":it");
        Programs.run("umoci", "raw", "add-layer", "--image", layout + ":it", layer.toString());
        Programs.run("skopeo", "copy", "-q", "--dest-tls-verify=false", "oci:" + layout + ":it", "docker://" + name);
        return name;
    }

    @Test
    void whileARunGoesOn() throws Exception {
        List<HeldRun> runs = new ArrayList<>();
        assertEndsWithinASecond(() -> {
            HeldRun run = new HeldRun();
            runs.add(run);
            String id = submit("FROM busybox:1.35\n" + run.instruction());
            run.await();
            return id;
        });
        assertThat(runs).noneMatch(HeldRun::isRunning);
    }

    @Test
    void whileItWaitsForTheSameStepOfAnotherBuild() throws Exception {
        HeldRun run = new HeldRun();
        String first = submit("FROM busybox:1.35\n" + run.instruction());
        run.await();
        try {
            assertEndsWithinASecond(() -> running(submit("FROM busybox:1.35\n" + run.instruction()), 2));
            assertThat(run.isRunning()).as("the other one's").isTrue();
        } finally {
            run.letGo();
        }
        assertThat(service.client().await(first).get("state").asString()).isEqualTo("succeeded");
    }

    @Test
    void whileALayerIsCommitted() throws Exception {
        assertEndsWithinASecond(() -> {
            String id = submit(
                    "FROM busybox:1.35\nRUN head -c " + LARGE_BYTES + " /dev/zero >/large; echo all is written\n");
            Awaitility.await("the end of the command")
                    .atMost(Duration.ofMinutes(2))
                    .pollInterval(Duration.ofMillis(50))
                    .until(() -> service.client().logs(id).contains("\nall is written\n"));
            return id;
        });
    }

    @Test
    void whileALargeFileIsCopied() throws Exception {
        assertEndsWithinASecond(() -> running(submit("""
                FROM busybox:1.35 AS large
                RUN head -c %d /dev/zero >/large
                FROM busybox:1.35
                COPY --from=large /large /%s
                """.formatted(LARGE_BYTES, UUID.randomUUID())), 4));
    }

    @Test
    void whileAnAddIsFetched() throws Exception {
        assertEndsWhileASilentServerIsAsked(host -> submit("FROM scratch\nADD http://" + host + "/file /file\n"));
    }

    @Test
    void whileARepositoryIsFetched() throws Exception {
        assertEndsWhileASilentServerIsAsked(host -> submit("FROM scratch\nADD http://" + host + "/app.git /app\n"));
    }

    @Test
    void whileItsCacheIsImported() throws Exception {
        assertEndsWhileASilentServerIsAsked(host -> submit(
                "FROM scratch\nCOPY Dockerfile /" + UUID.randomUUID() + "\n",
                "cacheFrom",
                "type=registry,ref=" + host + "/app:cache"));
    }

    @Test
    void whileItWaitsForACacheMountOfAnotherBuild() throws Exception {
        String mount = "RUN --mount=type=cache,sharing=locked,target=/c,id=" + UUID.randomUUID() + " ";
        HeldRun run = new HeldRun();
        String first = submit("FROM busybox:1.35\n" + run.instruction().replace("RUN ", mount));
        run.await();
        try {
            assertEndsWithinASecond(
                    () -> running(submit("FROM busybox:1.35\n" + mount + "echo " + UUID.randomUUID() + "\n"), 2));
        } finally {
            run.letGo();
        }
        assertThat(service.client().await(first).get("state").asString()).isEqualTo("succeeded");
    }

    @Test
    void whileItIsAskedWhetherItMayBePushed() throws Exception {
        assertEndsWhileASilentServerIsAsked(
                host -> submit("FROM scratch\nCOPY Dockerfile /\n", "tag", host + "/app:1"));
    }

    @Test
    void whileItIsPushed() throws Exception {
        assertEndsWithinASecond(() -> {
            SlowRegistry registry = closing(new SlowRegistry());
            String id = submit("FROM scratch\nCOPY Dockerfile /\n", "tag", registry.host() + "/app:1");
            registry.awaitConnection();
            return lastStepRunning(id);
        });
    }

    @Test
    void whileItsCacheIsExported() throws Exception {
        assertEndsWithinASecond(() -> {
            SlowRegistry registry = closing(new SlowRegistry());
            String id = submit(
                    "FROM scratch\nCOPY Dockerfile /\n",
                    "push",
                    "false",
                    "cacheTo",
                    "type=registry,ref=" + registry.host() + "/app:cache");
            registry.awaitConnection();
            return id;
        });
    }

    private final List<AutoCloseable> open = new ArrayList<>();

    private <T extends AutoCloseable> T closing(T opened) {
        open.add(opened);
        return opened;
    }

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable each : open) {
            each.close();
        }
    }

    private static String submit(String dockerfile, String... query) throws IOException {
        try (BuildContext context = BuildContext.of(dockerfile)) {
            return service.client().submit(context, query);
        }
    }

    /** Waits until a step of a build, counted from 1, runs; returns the build. */
    private static String running(String id, int step) {
        Awaitility.await("step " + step + " of " + id)
                .atMost(Duration.ofMinutes(2))
                .pollInterval(Duration.ofMillis(50))
                .until(
                        () -> service.client()
                                .show(id)
                                .at("/steps/" + (step - 1) + "/state")
                                .asString(""),
                        "running"::equals);
        return id;
    }

    private static String lastStepRunning(String id) {
        Awaitility.await("the export").atMost(Duration.ofMinutes(1)).until(() -> {
            JsonNode steps = service.client().show(id).get("steps");
            return !steps.isEmpty()
                    && steps.get(steps.size() - 1).get("state").asString().equals("running");
        });
        return id;
    }

    /** Submits a build that asks a server. */
    private interface Asking {
        /** The build's id. */
        String build(String host) throws Exception;
    }

    private void assertEndsWhileASilentServerIsAsked(Asking asking) throws Exception {
        assertEndsWithinASecond(() -> {
            SilentServer server = closing(new SilentServer());
            String id = asking.build(server.host());
            server.awaitConnection();
            return id;
        });
    }

    private static void assertEndsWithinASecond(Begun begun) throws Exception {
        List<Duration> quick = new ArrayList<>();
        List<Duration> slow = new ArrayList<>();
        for (int tries = 0; quick.size() < COUNTED && tries < TRIES; tries++) {
            cancelled(begun.build()).ifPresent(took -> (took.compareTo(SECOND) <= 0 ? quick : slow).add(took));
        }
        assertThat(slow).allMatch(each -> each.compareTo(SOON) < 0);
        assertThat(quick).as("the others took %s", slow).hasSize(COUNTED);
    }

    /** Cancels a build; returns how long it took to its end, or nothing if the build has ended before. */
    private static Optional<Duration> cancelled(String id) throws IOException {
        SlipwayClient client = service.client();
        Instant asked = Instant.now();
        int status = client.post("/v1/builds/" + id + "/cancel").status();
        if (status == 409) {
            return Optional.empty();
        }
        assertThat(status).isBetween(200, 202);
        JsonNode build = client.await(id);
        assertThat(build.get("state").asString()).isEqualTo("cancelled");
        assertThat(build.at("/error/code").asString()).isEqualTo("cancelled");
        return Optional.of(
                Duration.between(asked, Instant.parse(build.get("finishedAt").asString())));
    }

    @Test
    void whatRunsBesideAStepThatFails() throws IOException {
        HeldRun held = new HeldRun();
        HeldRun failing = new HeldRun();
        String dockerfile =
                """
                FROM busybox:1.35 AS one
                %sFROM busybox:1.35 AS two
                %sFROM busybox:1.35
                COPY --from=one /etc/hosts* /one/
                COPY --from=two /etc/hosts* /two/
                """.formatted(held.instruction(), failing.instruction().replace("exit 0", "exit 3"));
        try (BuildContext context = BuildContext.of(dockerfile)) {
            String id = service.client().submit(context);
            // Each waits until a test lets it go, so that both run shows that they do so at the same time.
            held.await();
            failing.await();
            Instant failed = Instant.now();
            failing.letGo();
            JsonNode build = service.client().await(id);
            assertThat(build.at("/error/code").asString()).isEqualTo("step_failed");
            assertThat(build.at("/error/exitCode").asInt()).isEqualTo(3);
            assertThat(Duration.between(
                            failed, Instant.parse(build.get("finishedAt").asString())))
                    .isLessThan(SOON);
            assertThat(build.get("steps")
                            .valueStream()
                            .map(step -> step.get("state").asString()))
                    .contains("cancelled", "failed");
            assertThat(held.isRunning()).isFalse();
        }
    }

    /** Says that one may push there, once, and then no more. */
    private static final class SlowRegistry implements AutoCloseable {
        private final HttpServer server =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        private final CountDownLatch asked = new CountDownLatch(2);
        private final CountDownLatch closed = new CountDownLatch(1);

        SlowRegistry() throws IOException {
            server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
            server.createContext("/", exchange -> {
                try (exchange) {
                    boolean cancels = exchange.getRequestMethod().equals("DELETE");
                    if (!cancels) {
                        asked.countDown();
                    }
                    if (cancels || asked.getCount() == 1) {
                        exchange.getResponseHeaders().set("Location", "/v2/app/blobs/uploads/1");
                        exchange.sendResponseHeaders(cancels ? 204 : 202, -1);
                    } else {
                        closed.await();
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            server.start();
        }

        String host() {
            return "127.0.0.1:" + server.getAddress().getPort();
        }

        void awaitConnection() throws InterruptedException {
            assertThat(asked.await(1, TimeUnit.MINUTES)).isTrue();
        }

        @Override
        public void close() {
            closed.countDown();
            server.stop(0);
        }
    }

    /** Accepts connections and never says a word. */
    private static final class SilentServer implements AutoCloseable {
        private final ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        private final ConcurrentLinkedQueue<Socket> open = new ConcurrentLinkedQueue<>();
        private final CountDownLatch connected = new CountDownLatch(1);

        SilentServer() throws IOException {
            Thread.ofVirtual().start(() -> {
                try {
                    while (true) {
                        open.add(socket.accept());
                        connected.countDown();
                    }
                } catch (IOException e) {
                    // The test has ended.
                }
            });
        }

        String host() {
            return "127.0.0.1:" + socket.getLocalPort();
        }

        void awaitConnection() throws InterruptedException {
            assertThat(connected.await(1, TimeUnit.MINUTES)).isTrue();
        }

        @Override
        public void close() throws IOException {
            socket.close();
            for (Socket client : open) {
                client.close();
            }
        }
    }
}
