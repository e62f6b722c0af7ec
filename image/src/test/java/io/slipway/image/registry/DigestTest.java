package io.slipway.image.registry;

import static io.slipway.image.registry.ScriptedServer.answer;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.image.Digest;
import io.slipway.image.registry.RegistryException.Kind;
import io.slipway.image.store.ContentStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a tag means, as registries tell it. */
class DigestTest {
    private static final byte[] MANIFEST = "{}".getBytes(UTF_8);
    private static final String PATH = "/v2/app/manifests/1";

    @TempDir
    Path directory;

    private ScriptedServer server;
    private RegistryClient client;

    @BeforeEach
    void start() throws IOException {
        server = new ScriptedServer();
        client = new RegistryClient(
                RegistrySettings.DEFAULT
                        .withTimes(Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ofMillis(5))
                        .withAttempts(2),
                ContentStore.at(directory));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private List<String> methods() {
        return server.requests().stream().map(ScriptedServer.Request::method).toList();
    }

    @Test
    void aHeadTellsIt() throws IOException {
        Digest told = Digest.of("anything".getBytes(UTF_8));
        server.on("HEAD " + PATH, answer(200, MANIFEST, "Docker-Content-Digest", told.toString()));
        assertThat(client.digest(server.image("app:1"))).isEqualTo(told);
        assertThat(methods()).containsExactly("HEAD");
    }

    @Test
    void whereAHeadDoesNotTellItTheDocumentDoes() throws IOException {
        server.on("HEAD " + PATH, answer(200, MANIFEST));
        server.on("GET " + PATH, answer(200, MANIFEST));
        assertThat(client.digest(server.image("app:1"))).isEqualTo(Digest.of(MANIFEST));
        server.on("HEAD " + PATH, answer(405, MANIFEST));
        assertThat(client.digest(server.image("app:1"))).isEqualTo(Digest.of(MANIFEST));
        assertThat(methods()).containsExactly("HEAD", "GET", "HEAD", "GET");
    }

    @Test
    void whatIsNotThereOrNoDigestOrNoAnswerIsSaid() {
        assertKind(Kind.NOT_FOUND);
        server.on("HEAD " + PATH, answer(200, MANIFEST, "Docker-Content-Digest", "none"));
        assertKind(Kind.INVALID);
        server.on("HEAD " + PATH, answer(429, MANIFEST));
        assertKind(Kind.UNREACHABLE);
        assertThat(methods()).containsExactly("HEAD", "HEAD", "HEAD", "HEAD");
    }

    private void assertKind(Kind kind) {
        assertThatThrownBy(() -> client.digest(server.image("app:1")))
                .isInstanceOfSatisfying(
                        RegistryException.class, e -> assertThat(e.kind()).isEqualTo(kind));
    }
}
