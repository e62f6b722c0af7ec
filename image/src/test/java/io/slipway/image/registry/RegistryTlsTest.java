package io.slipway.image.registry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.slipway.image.Digest;
import io.slipway.image.ImageReference;
import io.slipway.image.MediaType;
import io.slipway.image.network.ChangingNames;
import io.slipway.image.registry.RegistryException.Kind;
import io.slipway.image.store.ContentStore;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a registry over https whose certificate no authority of the JDK knows. */
class RegistryTlsTest {
    private static final byte[] MANIFEST = "{\"schemaVersion\":2,\"mediaType\":\"%s\"}"
            .formatted(MediaType.OCI_MANIFEST)
            .getBytes(UTF_8);

    @TempDir
    static Path keyDirectory;

    private static TestKey key;

    @TempDir
    Path directory;

    private HttpsServer server;
    private Path caFile;
    private ImageReference image;

    @BeforeAll
    static void makeKey() throws IOException {
        key = TestKey.make(keyDirectory, "registry");
    }

    @BeforeEach
    void start() throws IOException, GeneralSecurityException {
        caFile = Files.writeString(directory.resolve("ca.pem"), TestKey.pem(key.certificate()));
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(key.store(), TestKey.PASSWORD.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        server = HttpsServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(context));
        server.createContext("/v2/app/manifests/1", exchange -> {
            exchange.sendResponseHeaders(200, MANIFEST.length);
            try (OutputStream body = exchange.getResponseBody()) {
                body.write(MANIFEST);
            }
        });
        server.start();
        image = ImageReference.parse("127.0.0.1:" + server.getAddress().getPort() + "/app:1");
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void theCaFileMakesItTrusted() throws IOException {
        assertThat(client(caFile).fetch(image).digest()).isEqualTo(Digest.of(MANIFEST));
    }

    @Test
    void withoutItTheConnectionIsRefused() {
        assertThatThrownBy(() -> client(null).fetch(image))
                .hasMessageContaining("no secure connection to " + image.host())
                .isInstanceOfSatisfying(
                        RegistryException.class, e -> assertThat(e.kind()).isEqualTo(Kind.UNREACHABLE));
    }

    @Test
    void aCaFileThatCannotBeReadIsOurOwnFault() throws IOException {
        assertThatThrownBy(() -> client(directory.resolve("none.pem")).fetch(image))
                .isInstanceOf(NoSuchFileException.class);
        Path broken = Files.writeString(
                directory.resolve("broken.pem"), "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
        assertThatThrownBy(() -> client(broken).fetch(image)).hasMessageContaining("broken.pem can't be used");
    }

    @Test
    void theCertificateMustHaveTheNameThatIsAskedForWhateverItsAddressIs() throws IOException {
        String name = ChangingNames.meaning("127.0.0.1");
        ImageReference named = ImageReference.parse(image.toString().replace("127.0.0.1", name));
        RegistrySettings settings = RegistrySettings.DEFAULT
                .withTimes(Duration.ofSeconds(5), Duration.ofSeconds(20), Duration.ofMillis(5))
                .withCaFile(caFile)
                .withAddresses(RegistryAddresses.outside(List.of("0.0.0.0/8"), Map.of()));
        RegistryClient client = new RegistryClient(settings, ContentStore.at(directory.resolve("store")));
        assertThatThrownBy(() -> client.fetch(named))
                .hasMessageContaining("no secure connection")
                .hasMessageContaining(name);
    }

    private RegistryClient client(@Nullable Path authorities) throws IOException {
        RegistrySettings settings = RegistrySettings.DEFAULT
                .withTimes(Duration.ofSeconds(5), Duration.ofSeconds(20), Duration.ofMillis(5))
                .with(image.host(), new HostSettings(List.of(), false, null))
                .withCaFile(authorities);
        return new RegistryClient(settings, ContentStore.at(directory.resolve("store")));
    }
}
