package io.slipway.api.registry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.slipway.api.testing.ApiClient;
import io.slipway.api.testing.RunningService;
import io.slipway.api.testing.TestService;
import io.slipway.db.build.BuildId;
import io.slipway.image.ImageReference;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A service whose operator has denied registries on this machine, but one. */
final class DeniedRegistryTest {
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private HttpServer configured;
    private HttpServer other;

    @BeforeEach
    void start() throws IOException {
        configured = registry("configured");
        other = registry("other");
    }

    private HttpServer registry(String name) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
        server.createContext("/", exchange -> {
            try (exchange) {
                asked.add(name);
                exchange.sendResponseHeaders(404, -1);
            }
        });
        server.start();
        return server;
    }

    @AfterEach
    void stop() {
        configured.stop(0);
        other.stop(0);
    }

    private static String host(HttpServer registry) {
        return "127.0.0.1:" + registry.getAddress().getPort();
    }

    @Test
    void theServiceAsksNobodyWhereRegistriesAreDenied() throws IOException {
        try (RunningService service = RunningService.start(
                "slipway.registry-denied-networks=127.0.0.0/8", "slipway.registries[0].host=" + host(configured))) {
            assertThat(check(service, host(other)).status()).isEqualTo(200);
            assertThat(check(service, "localhost:" + other.getAddress().getPort())
                            .status())
                    .isEqualTo(200);
            ImageReference base = ImageReference.parse(host(other) + "/app:1");
            for (String project : new String[] {null, "default"}) {
                RegistryClients clients = service.part(RegistryClients.class);
                assertThatThrownBy(() -> clients.asking(project).digest(base))
                        .hasMessageContaining("the host 127.0.0.1 is the build machine itself")
                        .hasMessageContaining("slipway.registry-denied-networks");
            }
            assertThat(asked).isEmpty();
            assertThat(check(service, host(configured)).status()).isEqualTo(200);
            assertThat(asked).isNotEmpty().containsOnly("configured");
        }
    }

    private static ApiClient.Answer check(RunningService service, String host) throws IOException {
        byte[] dockerfile = ("FROM " + host + "/app:1\n").getBytes(UTF_8);
        return service.client().post("/v1/dockerfiles/check", dockerfile, "Content-Type", "text/plain");
    }

    @Test
    void aBuildsWorkerIsToldWhereNoneIs() {
        TestService service = TestService.shared();
        BuildId build = service.submit("networks");
        service.ended(build);
        assertThat(service.get("/v1/builds/" + build + "/logs").body()).contains("[169.254.0.0/16, ");
    }

    @Test
    void whatIsNoNetworkStopsTheStart() {
        assertThatThrownBy(() -> {
                    try (RunningService _ = RunningService.start("slipway.registry-denied-networks=private")) {
                        throw new AssertionError("it has started");
                    }
                })
                .hasStackTraceContaining("slipway.registry-denied-networks")
                .isNotInstanceOf(AssertionError.class);
    }
}
