package io.slipway.image.registry;

import static io.slipway.image.registry.ScriptedServer.answer;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.image.Descriptor;
import io.slipway.image.Digest;
import io.slipway.image.ImageReference;
import io.slipway.image.MediaType;
import io.slipway.image.network.ChangingNames;
import io.slipway.image.registry.RegistryException.Kind;
import io.slipway.image.store.ContentStore;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Registries that users name are not where whoever runs the service has said that none is. */
@Timeout(60)
final class RegistryAddressesTest {
    private static final byte[] MANIFEST = "{\"schemaVersion\":2,\"mediaType\":\"%s\"}"
            .formatted(MediaType.OCI_MANIFEST)
            .getBytes(UTF_8);
    private static final List<String> LOOPBACK = List.of("127.0.0.0/8");

    @TempDir
    Path directory;

    private ScriptedServer server;

    @BeforeEach
    void start() throws IOException {
        server = new ScriptedServer();
        server.on("GET /v2/app/manifests/1", answer(200, MANIFEST, "Content-Type", MediaType.OCI_MANIFEST));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private RegistryClient client(RegistrySettings settings) throws IOException {
        return new RegistryClient(
                settings.withTimes(Duration.ofSeconds(5), Duration.ofSeconds(20), Duration.ofMillis(5)),
                ContentStore.at(directory.resolve("store")));
    }

    private RegistryClient outside(List<String> denied) throws IOException {
        return client(RegistrySettings.DEFAULT.withAddresses(RegistryAddresses.outside(denied, Map.of())));
    }

    private static void assertDenied(ThrowingCallable call, String message) {
        assertThatThrownBy(call)
                .hasMessageContaining(message)
                .hasMessageContaining("slipway.registry-denied-networks")
                .isInstanceOfSatisfying(
                        RegistryException.class, e -> assertThat(e.kind()).isEqualTo(Kind.UNREACHABLE));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "169.254.169.254",
                "169.254.170.2:80",
                "2852039166:80",
                "100.100.100.200",
                "[fe80::1]:5000",
                "[fd00:ec2::254]:80",
                "[::ffff:a9fe:a9fe]:80"
            })
    void whereCloudsHaveTheirMetadataNoneIsByDefault(String host) throws IOException {
        RegistryClient client = outside(RegistryAddresses.DENIED_BY_DEFAULT);
        assertDenied(() -> client.fetch(ImageReference.parse(host + "/app:1")), " is in the network ");
    }

    @Test
    void onThisMachineTheyMayBeByDefault() throws IOException {
        outside(RegistryAddresses.DENIED_BY_DEFAULT).fetch(server.image("app:1"));
        assertThat(server.requests()).hasSize(1);
    }

    @Test
    void nothingIsAskedOfADeniedHostWhateverItIsFor() throws IOException {
        RegistryClient client = outside(LOOPBACK);
        ImageReference image = server.image("app:1");
        Descriptor blob = new Descriptor(MediaType.OCI_LAYER, Digest.of(MANIFEST), MANIFEST.length);
        String message = "the host 127.0.0.1 is the build machine itself";
        assertDenied(() -> client.fetch(image), message);
        assertDenied(() -> client.digest(image), message);
        assertDenied(() -> client.pull(image, blob), message);
        assertDenied(() -> client.has(image, blob), message);
        assertDenied(() -> client.checkPush(image), message);
        assertDenied(() -> client.isPushed(image, blob), message);
        assertDenied(
                () -> client.fetch(ImageReference.parse("localhost:" + server.port() + "/app:1")),
                "the host localhost is the build machine itself");
        assertThat(server.requests()).isEmpty();
    }

    @Test
    void aHostThatIsNamedIsReachedWhereverItIs() throws IOException {
        Map<String, HostSettings> named = Map.of(server.host(), HostSettings.DEFAULT);
        client(RegistrySettings.DEFAULT.withAddresses(RegistryAddresses.outside(LOOPBACK, named)))
                .fetch(server.image("app:1"));
        assertThat(server.requests()).hasSize(1);
    }

    @Test
    void soAreItsMirrors() throws IOException {
        Map<String, HostSettings> hosts =
                Map.of("registry.test", new HostSettings(List.of(URI.create("http://" + server.host())), null, null));
        client(RegistrySettings.DEFAULT.withHosts(hosts).withAddresses(RegistryAddresses.outside(LOOPBACK, hosts)))
                .fetch(ImageReference.parse("registry.test/app:1"));
        assertThat(server.requests()).hasSize(1);
        assertThat(RegistryAddresses.outside(LOOPBACK, Map.of("docker.io", HostSettings.DEFAULT))
                        .isAllowed("registry-1.docker.io"))
                .isTrue();
    }

    @Test
    void whoIsNotNamedIsDeniedAlsoWhereSomebodyNamedSendsUs() throws IOException {
        try (ScriptedServer other = new ScriptedServer()) {
            server.on("GET /v2/sent/manifests/1", answer(302, new byte[0], "Location", "http://" + other.host() + "/"));
            server.on(
                    "GET /v2/asked/manifests/1",
                    answer(401, new byte[0], "WWW-Authenticate", "Bearer realm=\"http://" + other.host() + "/token\""));
            Map<String, HostSettings> named = Map.of(server.host(), HostSettings.DEFAULT);
            RegistryClient client =
                    client(RegistrySettings.DEFAULT.withAddresses(RegistryAddresses.outside(LOOPBACK, named)));
            assertDenied(() -> client.fetch(server.image("sent:1")), "the build machine itself");
            assertDenied(() -> client.fetch(server.image("asked:1")), "the build machine itself");
            assertThat(other.requests()).isEmpty();
        }
    }

    @Test
    void aNameIsConnectedToWhereItWasWhenItWasChecked() throws IOException {
        String host = ChangingNames.meaning("127.0.0.1", "0.0.0.2") + ":" + server.port();
        RegistrySettings settings = RegistrySettings.DEFAULT
                .with(host, new HostSettings(List.of(), true, null))
                .withAddresses(RegistryAddresses.outside(List.of("0.0.0.0/8"), Map.of()));
        client(settings).fetch(ImageReference.parse(host + "/app:1"));
        assertThat(server.requests()).hasSize(1);
        String moved = ChangingNames.meaning("0.0.0.2") + ":" + server.port();
        assertDenied(
                () -> client(settings).fetch(ImageReference.parse(moved + "/app:1")),
                " is in the network 0.0.0.0/8, where no registry may be");
    }
}
