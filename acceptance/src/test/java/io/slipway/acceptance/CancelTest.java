package io.slipway.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.slipway.acceptance.fixture.BuildContext;
import io.slipway.acceptance.fixture.HeldRun;
import io.slipway.acceptance.fixture.SlipwayClient;
import io.slipway.acceptance.fixture.TestBed;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/** A build ends soon after it is cancelled, whatever it is doing: by itself, and not because its worker is killed after a while. */
@ExtendWith(TestBed.Extension.class)
final class CancelTest {
    /**
     * Far shorter than the test bed's {@code slipway.workers.cancel-grace}: whatever ends sooner has ended by itself. How soon exactly depends on what else the
     * machine does: that it is within a second is for {@code ./dev bench latency} to show.
     */
    private static final Duration SOON = Duration.ofSeconds(20);

    @Test
    void whileItsBaseIsPulled(TestBed bed) throws Exception {
        try (SilentServer registry = new SilentServer();
                BuildContext context = BuildContext.of("FROM " + registry.host() + "/app\nRUN true\n")) {
            String id = bed.client().submit(context);
            registry.awaitConnection();
            assertEndsSoon(bed.client(), id);
        }
    }

    @Test
    void whileARunGoesOn(TestBed bed) {
        HeldRun run = new HeldRun();
        try (BuildContext context = BuildContext.of("FROM busybox:1.35\n" + run.instruction())) {
            String id = bed.client().submit(context);
            run.await();
            assertEndsSoon(bed.client(), id);
            assertThat(run.isRunning()).isFalse();
        }
    }

    @Test
    void whileItIsAskedWhetherItMayBePushed(TestBed bed) throws Exception {
        try (SilentServer registry = new SilentServer();
                BuildContext context = BuildContext.of("FROM scratch\nCOPY Dockerfile /\n")) {
            String id = bed.client().submit(context, "tag", registry.host() + "/app:1");
            registry.awaitConnection();
            assertEndsSoon(bed.client(), id);
        }
    }

    @Test
    void whileItIsPushed(TestBed bed) throws Exception {
        try (SlowRegistry registry = new SlowRegistry();
                BuildContext context = BuildContext.of("FROM scratch\nCOPY Dockerfile /\n")) {
            SlipwayClient client = bed.client();
            String id = client.submit(context, "tag", registry.host() + "/app:1");
            registry.awaitConnection();
            Awaitility.await("the export").atMost(Duration.ofMinutes(1)).until(() -> {
                JsonNode steps = client.show(id).get("steps");
                return !steps.isEmpty()
                        && steps.get(steps.size() - 1).get("state").asString().equals("running");
            });
            assertEndsSoon(client, id);
        }
    }

    @Test
    void whatRunsBesideAStepThatFails(TestBed bed) {
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
            String id = bed.client().submit(context);
            // Each waits until a test lets it go, so that both run shows that they do so at the same time.
            held.await();
            failing.await();
            Instant failed = Instant.now();
            failing.letGo();
            JsonNode build = bed.client().await(id);
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

    private static void assertEndsSoon(SlipwayClient client, String id) {
        Instant asked = Instant.now();
        assertThat(client.post("/v1/builds/" + id + "/cancel").status()).isBetween(200, 202);
        JsonNode build = client.await(id);
        assertThat(build.get("state").asString()).isEqualTo("cancelled");
        assertThat(build.at("/error/code").asString()).isEqualTo("cancelled");
        assertThat(Duration.between(asked, Instant.parse(build.get("finishedAt").asString())))
                .isLessThan(SOON);
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
