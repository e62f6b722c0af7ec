package io.slipway.image.registry;

import static io.slipway.image.registry.ScriptedServer.answer;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.image.Descriptor;
import io.slipway.image.Digest;
import io.slipway.image.MediaType;
import io.slipway.image.Platform;
import io.slipway.image.store.ContentStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two tenants of one store: each has what it may have, and contents are fetched once where that makes no difference. */
final class SharedStoreTest {
    private static final byte[] BLOB = "a layer of somebody's".getBytes(UTF_8);
    private static final Descriptor LAYER = new Descriptor(MediaType.OCI_LAYER, Digest.of(BLOB), BLOB.length);
    private static final String PATH = "/v2/app/blobs/" + LAYER.digest();

    @TempDir
    Path directory;

    private ContentStore one;
    private ContentStore other;
    private ScriptedServer server;

    @BeforeEach
    void start() throws IOException {
        ContentStore store = ContentStore.at(directory);
        one = store.heldBy("one");
        other = store.heldBy("other");
        server = new ScriptedServer();
        server.on("GET " + PATH, answer(200, BLOB));
        server.on("HEAD " + PATH, answer(200, BLOB, "Content-Length", Integer.toString(BLOB.length)));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private static RegistryClient client(ContentStore store, ScriptedServer... hosts) {
        RegistrySettings settings =
                RegistrySettings.DEFAULT.withTimes(Duration.ofSeconds(5), Duration.ofSeconds(10), Duration.ofMillis(2));
        for (ScriptedServer host : hosts) {
            settings = settings.with(host.host(), HostSettings.DEFAULT);
        }
        return new RegistryClient(settings, store);
    }

    private List<String> asked() {
        return server.requests().stream().map(ScriptedServer.Request::method).toList();
    }

    @Test
    void whatTheRegistryGivesToBothIsFetchedOnce() throws IOException {
        client(one, server).pull(server.image("app"), LAYER);
        client(other, server).pull(server.image("app"), LAYER);
        client(other, server).pull(server.image("app"), LAYER);
        assertThat(asked()).containsExactly("GET", "HEAD");
        assertThat(other.contains(LAYER)).isTrue();
    }

    @Test
    void whatTheRegistryDoesNotGiveToTheOtherIsNotTheOthers() throws IOException {
        client(one, server).pull(server.image("app"), LAYER);
        server.on("HEAD " + PATH, answer(401, new byte[0]));
        server.on("GET " + PATH, answer(401, new byte[0]));
        assertThatThrownBy(() -> client(other, server).pull(server.image("app"), LAYER))
                .isInstanceOf(RegistryException.class);
        assertThat(other.contains(LAYER)).isFalse();
        assertThat(other.use(LAYER)).isFalse();
        assertThat(client(other, server).mayHave(server.image("app"), LAYER)).isFalse();
    }

    @Test
    void whatAnotherRegistrySaysToHaveHasToComeFromThere() throws IOException {
        client(one, server).pull(server.image("app"), LAYER);
        try (ScriptedServer liar = new ScriptedServer()) {
            liar.on("HEAD " + PATH, answer(200, BLOB, "Content-Length", Integer.toString(BLOB.length)));
            RegistryClient client = client(other, server, liar);
            assertThat(client.mayHave(liar.image("app"), LAYER)).isFalse();
            assertThatThrownBy(() -> client.pull(liar.image("app"), LAYER)).isInstanceOf(RegistryException.class);
            assertThat(other.contains(LAYER)).isFalse();
            liar.on("GET " + PATH, answer(200, BLOB));
            client.pull(liar.image("app"), LAYER);
            assertThat(other.contains(LAYER)).isTrue();
        }
    }

    @Test
    void whatOneHasSentToARegistryThatOneSaysWhoHas() throws IOException {
        Descriptor made = one.put(MediaType.OCI_LAYER, BLOB);
        server.on("HEAD /v2/team/blobs/" + LAYER.digest(), answer(404, new byte[0]));
        server.on("POST /v2/team/blobs/uploads/", answer(202, new byte[0], "Location", "/upload"));
        server.on("PUT /upload", answer(201, new byte[0]));
        client(one, server).pushAhead(server.image("team"), made, null);
        assertThat(client(other, server).mayHave(server.image("team"), LAYER)).isFalse();
        assertThat(client(other, server).mayHave(server.image("app"), LAYER)).isTrue();
    }

    @Test
    void aManifestThatAnIndexNamesIsFetched() throws IOException {
        Descriptor manifest =
                one.put(MediaType.OCI_MANIFEST, """
                {"schemaVersion": 2, "mediaType": "%s",
                 "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": "%s", "size": %d}, "layers": []}
                """.formatted(MediaType.OCI_MANIFEST, LAYER.digest(), LAYER.size())
                        .getBytes(UTF_8));
        Platform platform = Platform.local();
        byte[] index = """
                {"schemaVersion": 2, "mediaType": "%s", "manifests": [{"mediaType": "%s", "digest": "%s", "size": %d,
                 "platform": {"architecture": "%s", "os": "linux"}}]}
                """.formatted(
                        MediaType.OCI_INDEX,
                        MediaType.OCI_MANIFEST,
                        manifest.digest(),
                        manifest.size(),
                        platform.architecture())
                .getBytes(UTF_8);
        server.on("GET /v2/app/manifests/1", answer(200, index, "Content-Type", MediaType.OCI_INDEX));
        assertThatThrownBy(() -> client(other, server).resolve(server.image("app:1"), platform))
                .isInstanceOf(RegistryException.class);
    }

    @Test
    void whatNobodyIsNotedToHaveIsEverybodys() throws IOException {
        ContentStore.at(directory).put(BLOB);
        assertThat(one.contains(LAYER)).isTrue();
        assertThat(other.use(LAYER)).isTrue();
        assertThat(client(other).mayHave(server.image("app"), LAYER)).isTrue();
        // It stays so, whoever makes it again.
        one.put(BLOB);
        assertThat(one.contains(LAYER)).isTrue();
        assertThat(other.contains(LAYER)).isTrue();
        assertThat(asked()).isEmpty();
    }

    @Test
    void whereABlobCanBeHadIsNotedForEach() throws IOException {
        one.noteOrigin(LAYER.digest(), server.image("app"));
        assertThat(one.origin(LAYER.digest())).isEqualTo(server.image("app"));
        assertThat(other.origin(LAYER.digest())).isNull();
        other.noteOrigin(LAYER.digest(), server.image("elsewhere"));
        assertThat(one.origin(LAYER.digest())).isEqualTo(server.image("app"));
        ContentStore.at(directory).noteOrigin(LAYER.digest(), server.image("of-before"));
        assertThat(ContentStore.at(directory).heldBy("third").origin(LAYER.digest()))
                .isEqualTo(server.image("of-before"));
    }

    @Test
    void aConfigsWordForALayersContentIsNotTaken() throws IOException {
        Digest diffId = Digest.of(new byte[1]);
        assertThat(one.hasDiffId(LAYER.digest(), diffId)).isFalse();
        one.noteDiffId(LAYER.digest(), diffId);
        assertThat(other.hasDiffId(LAYER.digest(), diffId)).isTrue();
        assertThat(other.hasDiffId(Digest.of(new byte[2]), diffId)).isFalse();
    }
}
