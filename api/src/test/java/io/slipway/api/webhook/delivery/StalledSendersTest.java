package io.slipway.api.webhook.delivery;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.LongTaskTimer;
import io.micrometer.core.instrument.MeterRegistry;
import io.slipway.api.testing.ApiClient;
import io.slipway.api.testing.RawAnswer;
import io.slipway.api.testing.RunningService;
import io.slipway.api.testing.Tenant;
import io.slipway.db.access.Role;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/**
 * Senders of anybody's who stall in the midst of a large body: as many as may send one at once. They hold up no small webhook and nothing else, and when they are gone their
 * places are free.
 */
final class StalledSendersTest {
    private static final Duration LIMIT = Duration.ofMinutes(1);

    /** Of which no more are read at once. */
    private static final int LARGE_AT_ONCE = 8;

    private static final int LARGE = 300 * 1024;
    private static final int ANNOUNCED = 20 * 1024 * 1024;

    private static String address(int number) {
        return "/v1/webhooks/" + (number % 2 == 0 ? "github/none" : "registry/none");
    }

    /** Half of those who stall ask for one of the two addresses that anybody may send to, and half for the other. */
    private static Socket stalled(RunningService service, int number) throws IOException {
        Socket socket = new Socket();
        socket.setSoTimeout((int) LIMIT.toMillis());
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), service.port()));
        String head = "POST " + address(number) + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + ANNOUNCED + "\r\n\r\n";
        socket.getOutputStream().write(head.getBytes(ISO_8859_1));
        socket.getOutputStream().write(new byte[LARGE]);
        return socket;
    }

    /** Senders that stall, until they are closed. */
    private record Stalled(List<Socket> sockets) implements AutoCloseable {
        static Stalled at(RunningService service, int count) throws IOException {
            List<Socket> sockets = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                sockets.add(stalled(service, i));
            }
            return new Stalled(sockets);
        }

        @Override
        public void close() throws IOException {
            for (Socket socket : sockets) {
                socket.close();
            }
        }
    }

    private static ApiClient.Answer ping(HookSender sender, int bytes) throws IOException {
        String body = "{\"zen\": \"" + HookSender.newId() + "x".repeat(bytes) + "\"}";
        return sender.github("ping", HookSender.newId(), body.getBytes(UTF_8));
    }

    private static HookSender sender(Tenant tenant) throws IOException {
        return HookSender.to(tenant, "github", "'repository': {'url': 'https://git.example/team/app.git'}");
    }

    /** Requests that are being served. */
    private static int served(RunningService service) {
        return service.part(MeterRegistry.class).find("http.server.requests.active").longTaskTimers().stream()
                .mapToInt(LongTaskTimer::activeTasks)
                .sum();
    }

    /** By then each who stalls has a place: who had none would have been refused before the one that came last. */
    private static void awaitNoPlace(RunningService service, HookSender sender) {
        Awaitility.await("no large body is read any more").atMost(LIMIT).untilAsserted(() -> {
            ApiClient.Answer refused = ping(sender, LARGE);
            assertThat(refused.status()).as(refused.text()).isEqualTo(503);
            assertThat(refused.json().path("type").stringValue()).isEqualTo("/problems/webhooks-busy");
        });
        Awaitility.await("they all stall")
                .atMost(LIMIT)
                .untilAsserted(() -> assertThat(served(service)).isEqualTo(LARGE_AT_ONCE));
    }

    @Test
    void theyHoldUpNothingThatIsSmallAndTheirPlacesAreFreeWhenTheyAreGone() throws Exception {
        try (RunningService service = RunningService.start()) {
            Tenant tenant = Tenant.in(service);
            HookSender sender = sender(tenant);
            for (int round = 0; round < 2; round++) {
                try (Stalled _ = Stalled.at(service, LARGE_AT_ONCE)) {
                    awaitNoPlace(service, sender);
                    requireSmallOnes(sender);
                    assertThat(tenant.as(Role.VIEWER).get(sender.deliveries()).status())
                            .isEqualTo(200);
                    assertThat(served(service)).as("they stall all the while").isGreaterThanOrEqualTo(LARGE_AT_ONCE);
                }
                Awaitility.await("none is waited for")
                        .atMost(LIMIT)
                        .untilAsserted(() -> assertThat(served(service)).isZero());
                ApiClient.Answer large = ping(sender, LARGE);
                assertThat(large.status()).as(large.text()).isEqualTo(202);
            }
        }
    }

    /** Many at once, so that each thread that serves requests would have to be one that stalls, were there no more of them. */
    private static void requireSmallOnes(HookSender sender) throws Exception {
        List<Future<ApiClient.Answer>> answers = new ArrayList<>();
        try (ExecutorService hosts = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 40; i++) {
                answers.add(hosts.submit(() -> ping(sender, 0)));
            }
        }
        for (Future<ApiClient.Answer> answer : answers) {
            assertThat(answer.get().status()).as(answer.get().text()).isEqualTo(202);
        }
    }

    @Test
    void whoNeverGoesAwayIsLetGo() throws IOException {
        try (RunningService service = RunningService.start("server.tomcat.connection-timeout=3s");
                Stalled stalled = Stalled.at(service, LARGE_AT_ONCE)) {
            HookSender sender = sender(Tenant.in(service));
            for (int i = 0; i < LARGE_AT_ONCE; i++) {
                assertThat(status(i, stalled.sockets().get(i))).isNotEqualTo(202);
            }
            ApiClient.Answer large = ping(sender, LARGE);
            assertThat(large.status()).as(large.text()).isEqualTo(202);
        }
    }

    /** That of the answer, if one comes before the service ends the connection, or 0; it fails if neither happens. */
    private static int status(int number, Socket socket) throws IOException {
        try {
            return RawAnswer.readBeginning("POST", address(number), socket.getInputStream())
                    .map(RawAnswer::status)
                    .orElse(0);
        } catch (SocketException e) {
            return 0; // it was reset, since there was more to read
        }
    }
}
