package io.slipway.image.registry;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.image.Descriptor;
import io.slipway.image.Digest;
import io.slipway.image.ImageReference;
import io.slipway.image.Manifest;
import io.slipway.image.Platform;
import io.slipway.image.export.Tools;
import io.slipway.image.registry.RegistryException.Kind;
import io.slipway.image.store.BlobWriter;
import io.slipway.image.store.ContentStore;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a real registry that everybody may use. */
class RegistryClientTest {
    private static final Platform AMD64 = Platform.parse("linux/amd64");
    private static final RegistrySettings SETTINGS =
            RegistrySettings.DEFAULT.withTimes(Duration.ofSeconds(5), Duration.ofSeconds(20), Duration.ofMillis(5));

    @TempDir
    static Path registryDirectory;

    private static TestRegistry registry;

    @TempDir
    Path directory;

    private ContentStore store;
    private ContentStore elsewhere;

    @BeforeAll
    static void startRegistry() throws IOException {
        registry = TestRegistry.open(registryDirectory);
    }

    @AfterAll
    static void stopRegistry() {
        registry.close();
    }

    @BeforeEach
    void openStores() throws IOException {
        store = ContentStore.at(directory.resolve("store"));
        elsewhere = ContentStore.at(directory.resolve("elsewhere"));
    }

    @Test
    void whatIsPushedCanBePulled() throws IOException {
        Descriptor image = TestImage.put(store, Map.of("a", "1"), Map.of("b", "2"));
        ImageReference target = registry.image("round/trip:1");
        PushResult pushed = client(store).push(target, image, Map.of());
        assertThat(pushed.reference()).isEqualTo(target.withDigest(image.digest()));
        assertThat(pushed.uploadedBlobs()).isEqualTo(3);

        RegistryClient puller = client(elsewhere);
        ResolvedImage resolved = puller.resolve(target, AMD64);
        assertThat(resolved.reference()).isEqualTo(target.withDigest(image.digest()));
        assertThat(resolved.descriptor()).isEqualTo(image);
        assertThat(resolved.index()).isNull();
        assertThat(elsewhere.contains(image)).isTrue();
        puller.pullAll(target, blobs(resolved.manifest()));
        for (Descriptor blob : blobs(resolved.manifest())) {
            elsewhere.verify(blob.digest());
        }
    }

    @Test
    void skopeoFindsWhatWasPushed() throws Exception {
        Descriptor image = TestImage.put(store, Map.of("a", "for skopeo"));
        client(store).push(registry.image("for/skopeo:1"), image, Map.of());
        String found = Tools.run(
                "skopeo",
                "inspect",
                "--tls-verify=false",
                "--format",
                "{{.Digest}}",
                "docker://" + registry.image("for/skopeo:1"));
        assertThat(found).isEqualTo(image.digest() + "\n");
    }

    @Test
    void pushingAgainSendsNothing() throws IOException {
        Descriptor image = TestImage.put(store, Map.of("again", "1"));
        client(store).push(registry.image("again:1"), image, Map.of());
        PushResult second = client(store).push(registry.image("again:2"), image, Map.of());
        assertThat(second.presentBlobs()).isEqualTo(2);
        assertThat(second.uploadedBytes()).isZero();
        assertThat(client(elsewhere).fetch(registry.image("again:2"))).isEqualTo(image);
    }

    @Test
    void aNameIsKnownToMeanAnImageThatWasPushedUnderIt() throws IOException {
        Descriptor image = TestImage.put(store, Map.of("pushed", "1"));
        Descriptor other = TestImage.put(store, Map.of("pushed", "2"));
        ImageReference target = registry.image("is/pushed:1");
        assertThat(client(store).isPushed(target, image)).isFalse();
        client(store).push(target, image, Map.of());
        assertThat(client(store).isPushed(target, image)).isTrue();
        assertThat(client(store).isPushed(target.withDigest(image.digest()), image))
                .isTrue();
        assertThat(client(store).isPushed(target, other)).isFalse();
    }

    @Test
    void largeBlobsAreStreamed() throws IOException {
        byte[] chunk = new byte[1024 * 1024];
        Random random = new Random(1);
        Descriptor layer;
        try (BlobWriter writer = store.create()) {
            for (int i = 0; i < 40; i++) {
                random.nextBytes(chunk);
                writer.write(chunk);
            }
            layer = writer.commit("application/vnd.oci.image.layer.v1.tar");
        }
        Descriptor image = TestImage.withLayers(store, TestImage.put(store, Map.of("small", "x")), List.of(layer));
        PushResult pushed = client(store).push(registry.image("large:1"), image, Map.of());
        assertThat(pushed.uploadedBytes()).isGreaterThan(40 * 1024 * 1024);
        client(elsewhere).pull(registry.image("large:1"), layer);
        elsewhere.verify(layer.digest());
    }

    @Test
    void blobsOfTheSameRegistryAreMountedWithoutTheirBytes() throws IOException {
        Descriptor image = TestImage.put(store, Map.of("base", "mounted"));
        ImageReference base = registry.image("mount/base:1");
        client(store).push(base, image, Map.of());

        RegistryClient client = client(elsewhere);
        ResolvedImage resolved = client.resolve(base, AMD64);
        PushResult pushed =
                client.push(registry.image("mount/app:1"), resolved.descriptor(), origins(resolved.manifest(), base));
        assertThat(pushed.mountedBlobs()).isEqualTo(2);
        assertThat(pushed.uploadedBlobs()).isZero();
        assertThat(elsewhere.contains(resolved.manifest().layers().getFirst())).isFalse();
    }

    @Test
    void blobsBehindAMirrorAreMountedWhenTheMirrorIsTheTarget() throws IOException {
        Descriptor image = TestImage.put(store, Map.of("base", "behind a mirror"));
        client(store).push(registry.image("library/mirrored:1"), image, Map.of());

        RegistryClient client = new RegistryClient(mirroredDockerHub(registry.url()), elsewhere);
        ImageReference base = ImageReference.parse("mirrored:1");
        ResolvedImage resolved = client.resolve(base, AMD64);
        PushResult pushed =
                client.push(registry.image("mirror/app:1"), resolved.descriptor(), origins(resolved.manifest(), base));
        assertThat(pushed.mountedBlobs()).isEqualTo(2);
    }

    @Test
    void blobsOfAnotherRegistryGoThroughTheStore(@TempDir Path other) throws IOException {
        Descriptor image = TestImage.put(store, Map.of("base", "from far away"));
        ImageReference base = registry.image("far/base:1");
        client(store).push(base, image, Map.of());
        try (TestRegistry second = TestRegistry.open(other)) {
            RegistryClient client = client(elsewhere);
            ResolvedImage resolved = client.resolve(base, AMD64);
            PushResult pushed =
                    client.push(second.image("near/app:1"), resolved.descriptor(), origins(resolved.manifest(), base));
            assertThat(pushed.uploadedBlobs()).isEqualTo(2);
            assertThat(client.fetch(second.image("near/app:1"))).isEqualTo(image);
        }
    }

    @Test
    void aBlobThatIsNowhereIsNamed() throws IOException {
        Descriptor image = TestImage.put(store, Map.of("gone", "x"));
        Digest layer = TestImage.manifest(store, image).layers().getFirst().digest();
        store.delete(layer);
        assertThatThrownBy(() -> client(store).push(registry.image("gone:1"), image, Map.of()))
                .isInstanceOf(FileNotFoundException.class)
                .hasMessageContaining(layer.toString());
    }

    @Test
    void anImageCanBePushedByDigestAlone() throws IOException {
        Descriptor image = TestImage.put(store, Map.of("digest", "only"));
        ImageReference target = ImageReference.parse(registry.host() + "/by/digest@" + image.digest());
        client(store).push(target, image, Map.of());
        assertThat(client(elsewhere).fetch(target)).isEqualTo(image);
        assertThatThrownBy(() -> client(elsewhere).fetch(registry.image("by/digest:latest")))
                .isInstanceOf(RegistryException.class);
        Descriptor another = TestImage.put(store, Map.of("another", "one"));
        assertThatThrownBy(() -> client(store).push(target, another, Map.of()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void thePlatformIsChosenFromAnIndex() throws IOException {
        Descriptor amd64 = TestImage.put(store, Map.of("arch", "amd64"));
        Descriptor armv6 = TestImage.put(store, Map.of("arch", "armv6"));
        Descriptor index = TestImage.putIndex(store, Map.of("linux/amd64", amd64, "linux/arm/v6", armv6));
        ImageReference target = registry.image("multi:1");
        client(store).push(target, index, Map.of());

        RegistryClient client = client(elsewhere);
        ResolvedImage forArm = client.resolve(target, Platform.parse("linux/arm/v7"));
        assertThat(forArm.descriptor().digest()).isEqualTo(armv6.digest());
        assertThat(forArm.reference().digest()).isEqualTo(index.digest());
        assertThat(requireNonNull(forArm.index()).digest()).isEqualTo(index.digest());
        assertThat(client.resolve(target, AMD64).descriptor().digest()).isEqualTo(amd64.digest());
        assertThatThrownBy(() -> client.resolve(target, Platform.parse("linux/riscv64")))
                .hasMessageContaining("not there for linux/riscv64, only for ")
                .hasMessageContaining("linux/amd64")
                .hasMessageContaining("linux/arm/v6")
                .asInstanceOf(InstanceOfAssertFactories.type(RegistryException.class))
                .extracting(RegistryException::kind)
                .isEqualTo(Kind.PLATFORM_NOT_FOUND);
    }

    @Test
    void whatIsNotThereIsSaidInWords() {
        assertThatThrownBy(() -> client(store).resolve(registry.image("no/such:1"), AMD64))
                .hasMessageContaining("can't resolve " + registry.host() + "/no/such:1: " + registry.host()
                        + " does not have it (404, MANIFEST_UNKNOWN: manifest unknown)")
                .asInstanceOf(InstanceOfAssertFactories.type(RegistryException.class))
                .satisfies(e -> {
                    assertThat(e.kind()).isEqualTo(Kind.NOT_FOUND);
                    assertThat(e.host()).isEqualTo(registry.host());
                });
        Descriptor missing = new Descriptor("x", Digest.of(new byte[] {1, 2, 3}), 3);
        assertThatThrownBy(() -> client(store).pull(registry.image("no/such:1"), missing))
                .hasMessageStartingWith("can't pull");
    }

    @Test
    void mirrorsComeFirstAndTheHostComesAfterThem(@TempDir Path other) throws IOException {
        Descriptor onlyInHost = TestImage.put(store, Map.of("where", "host"));
        Descriptor onlyInMirror = TestImage.put(store, Map.of("where", "mirror"));
        try (TestRegistry mirror = TestRegistry.open(other)) {
            client(store).push(registry.image("which:host"), onlyInHost, Map.of());
            client(store).push(mirror.image("proxied/which:mirror"), onlyInMirror, Map.of());
            RegistryClient client = new RegistryClient(
                    SETTINGS.with(
                            registry.host(),
                            new HostSettings(
                                    List.of(
                                            URI.create("http://127.0.0.1:" + freePort()),
                                            URI.create(mirror.url() + "/proxied")),
                                    null,
                                    null)),
                    elsewhere);
            assertThat(client.fetch(registry.image("which:mirror"))).isEqualTo(onlyInMirror);
            assertThat(client.fetch(registry.image("which:host"))).isEqualTo(onlyInHost);
            client.pull(
                    registry.image("which:host"),
                    TestImage.manifest(store, onlyInHost).layers().getFirst());
            assertThatThrownBy(() -> client.fetch(registry.image("which:none")))
                    .hasMessageContaining(mirror.host() + " does not have it")
                    .hasMessageContaining(registry.host() + " does not have it");
        }
    }

    @Test
    void aHostThatDoesNotAnswerIsUnreachable() throws IOException {
        ImageReference nowhere = ImageReference.parse("127.0.0.1:" + freePort() + "/a:1");
        assertThatThrownBy(() -> client(store).resolve(nowhere, AMD64))
                .hasMessageContaining("does not accept connections")
                .asInstanceOf(InstanceOfAssertFactories.type(RegistryException.class))
                .extracting(RegistryException::kind)
                .isEqualTo(Kind.UNREACHABLE);
    }

    @Test
    void aMirrorThatKnowsTellsMoreThanAHostThatIsDown() {
        RegistrySettings settings =
                SETTINGS.with("127.0.0.1:1", new HostSettings(List.of(URI.create(registry.url())), null, null));
        assertThatThrownBy(() -> new RegistryClient(settings, store).fetch(ImageReference.parse("127.0.0.1:1/nope:1")))
                .hasMessageContaining("127.0.0.1:1 does not accept connections")
                .asInstanceOf(InstanceOfAssertFactories.type(RegistryException.class))
                .extracting(RegistryException::kind)
                .isEqualTo(Kind.NOT_FOUND);
    }

    @Test
    void theRightToPushIsCheckedWithoutLeavingAnything() throws IOException {
        client(store).checkPush(registry.image("check/only:1"));
        Path repository = registryDirectory.resolve("data/docker/registry/v2/repositories/check/only");
        try (Stream<Path> left = Files.walk(repository)) {
            assertThat(left.map(Path::getFileName).map(Path::toString)).doesNotContain("data", "startedat");
        }
    }

    private static RegistryClient client(ContentStore store) {
        return new RegistryClient(SETTINGS, store);
    }

    private static RegistrySettings mirroredDockerHub(String mirror) {
        return SETTINGS.with("docker.io", new HostSettings(List.of(URI.create(mirror)), null, null));
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static List<Descriptor> blobs(Manifest manifest) {
        return Stream.concat(Stream.of(manifest.config()), manifest.layers().stream())
                .toList();
    }

    private static Map<Digest, ImageReference> origins(Manifest manifest, ImageReference origin) {
        Map<Digest, ImageReference> origins = new HashMap<>();
        blobs(manifest).forEach(blob -> origins.put(blob.digest(), origin));
        return origins;
    }
}
