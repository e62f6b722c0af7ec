package io.slipway.worker.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.slipway.image.ImageReference;
import io.slipway.image.registry.RegistryAddresses;
import io.slipway.image.registry.RegistryClient;
import io.slipway.image.store.ContentStore;
import io.slipway.protocol.ErrorCode;
import io.slipway.protocol.RegistrySettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RegistryAccessTest {
    private static final List<String> DENIED = List.of("127.0.0.0/8");

    @TempDir
    private Path directory;

    @Test
    void onlyWhomTheServiceHasSettingsForIsReachedWhereverItIs() {
        List<RegistrySettings> registries = List.of(
                new RegistrySettings("Configured.test", List.of(), false, "user", "pw", true),
                new RegistrySettings("other.test:80", List.of(), false, "user", "pw", true),
                new RegistrySettings("configured.test", List.of("http://10.0.0.1:5000/hub"), false, null, null, false),
                new RegistrySettings("docker.io", List.of(), false, null, null, false));
        RegistryAddresses addresses =
                RegistryAccess.settings(registries, null, DENIED).addresses();
        assertThat(addresses.denied()).isEqualTo(DENIED);
        assertThat(addresses.named())
                .containsExactlyInAnyOrder("configured.test", "10.0.0.1:5000", "registry-1.docker.io");
    }

    /** Credentials that a user sends along don't make a host one that the service knows. */
    @Test
    void aBuildDoesNotReachAHostThatIsDenied() throws IOException {
        AtomicInteger asked = new AtomicInteger();
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
        server.createContext("/", exchange -> {
            try (exchange) {
                asked.incrementAndGet();
                exchange.sendResponseHeaders(404, -1);
            }
        });
        server.start();
        try {
            String host = "127.0.0.1:" + server.getAddress().getPort();
            RegistrySettings own = new RegistrySettings(host, List.of(), false, "user", "pw", true);
            RegistryClient client =
                    new RegistryClient(RegistryAccess.settings(List.of(own), null, DENIED), ContentStore.at(directory));
            assertThatThrownBy(() -> client.fetch(ImageReference.parse(host + "/app:1")))
                    .satisfies(e -> assertThat(Failures.of(e, null).error())
                            .satisfies(error -> assertThat(error.code()).isEqualTo(ErrorCode.REGISTRY_UNREACHABLE))
                            .satisfies(
                                    error -> assertThat(error.message()).contains("slipway.registry-denied-networks")));
            assertThat(asked).hasValue(0);
        } finally {
            server.stop(0);
        }
    }
}
