package io.slipway.image.registry;

import static io.slipway.image.registry.ScriptedServer.answer;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.image.Descriptor;
import io.slipway.image.Digest;
import io.slipway.image.ImageReference;
import io.slipway.image.MediaType;
import io.slipway.image.Platform;
import io.slipway.image.registry.RegistryException.Kind;
import io.slipway.image.store.BlobWriter;
import io.slipway.image.store.ContentStore;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Against servers that fail, lie and misdirect. */
@Timeout(60)
class HostileRegistryTest {
    private static final Platform AMD64 = Platform.parse("linux/amd64");
    private static final Credentials PILOT = new Credentials("pilot", "secret-pw");
    private static final byte[] BLOB = blob(3_000_000);
    private static final Descriptor LAYER = new Descriptor(MediaType.OCI_LAYER, Digest.of(BLOB), BLOB.length);
    private static final String LAYER_PATH = "/v2/app/blobs/" + LAYER.digest();

    @TempDir
    Path directory;

    private ContentStore store;
    private ScriptedServer server;

    @BeforeEach
    void start() throws IOException {
        store = ContentStore.at(directory);
        server = new ScriptedServer();
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
        try (Stream<Path> unfinished = Files.list(directory.resolve("ingest"))) {
            assertThat(unfinished).isEmpty();
        }
    }

    @Test
    void anotherBlobThanPromisedIsNotKept() {
        byte[] lie = blob(3_000_000);
        lie[7]++;
        server.on("GET " + LAYER_PATH, answer(200, lie));
        assertFailure(() -> client().pull(server.image("app"), LAYER), Kind.DIGEST_MISMATCH, "but the content is");
        assertThat(store.contains(LAYER.digest())).isFalse();
        assertThat(server.requests()).hasSize(1);
    }

    @Test
    void aBlobOfAnotherSizeIsRefusedBeforeItIsRead() {
        server.on("GET " + LAYER_PATH, answer(200, blob(3_000_001)));
        assertFailure(
                () -> client().pull(server.image("app"), LAYER),
                Kind.DIGEST_MISMATCH,
                "it has 3000001 bytes instead of 3000000");
    }

    @Test
    void aBlobWithoutEndStopsAtItsPromisedSize() {
        server.on("GET " + LAYER_PATH, exchange -> {
            exchange.sendResponseHeaders(200, 0);
            endless(exchange.getResponseBody());
        });
        assertFailure(() -> client().pull(server.image("app"), LAYER), Kind.DIGEST_MISMATCH, "but there are more");
    }

    @Test
    void aManifestWithoutEndIsRefused() {
        server.on("GET /v2/app/manifests/1", exchange -> {
            exchange.sendResponseHeaders(200, 0);
            endless(exchange.getResponseBody());
        });
        assertFailure(() -> client().fetch(server.image("app:1")), Kind.INVALID, "has more than 4194304 bytes");
    }

    @Test
    void aDownloadThatBreaksOffGoesOnWhereItBroke() throws IOException {
        AtomicInteger asked = new AtomicInteger();
        server.on("GET " + LAYER_PATH, exchange -> {
            String range = exchange.getRequestHeaders().getFirst("Range");
            int from = range == null ? 0 : Integer.parseInt(range.substring("bytes=".length(), range.length() - 1));
            exchange.getResponseHeaders()
                    .set("Content-Range", "bytes " + from + "-" + (BLOB.length - 1) + "/" + BLOB.length);
            exchange.sendResponseHeaders(range == null ? 200 : 206, BLOB.length - from);
            int length = asked.incrementAndGet() < 3 ? 1_000_000 : BLOB.length - from;
            exchange.getResponseBody().write(BLOB, from, length);
            exchange.getResponseBody().flush();
        });
        client().pull(server.image("app"), LAYER);
        store.verify(LAYER.digest());
        assertThat(server.requests()).hasSize(3);
        assertThat(server.requests().getLast().range()).startsWith("bytes=");
    }

    @Test
    void aHostWithoutRangesSendsItAllAgain() throws IOException {
        AtomicInteger asked = new AtomicInteger();
        server.on("GET " + LAYER_PATH, exchange -> {
            exchange.sendResponseHeaders(200, BLOB.length);
            int length = asked.incrementAndGet() < 2 ? 2_000_000 : BLOB.length;
            exchange.getResponseBody().write(BLOB, 0, length);
            exchange.getResponseBody().flush();
        });
        client().pull(server.image("app"), LAYER);
        store.verify(LAYER.digest());
    }

    @Test
    void aHostThatAlwaysBreaksOffIsGivenUp() {
        server.on("GET " + LAYER_PATH, exchange -> exchange.sendResponseHeaders(200, BLOB.length));
        assertFailure(() -> client().pull(server.image("app"), LAYER), Kind.UNREACHABLE, "failed");
        // Five times, and the JDK itself repeats a request once if the connection is closed before an answer.
        assertThat(server.requests()).hasSizeBetween(5, 10);
    }

    @Test
    void aRangeThatWasNotAskedForIsRefused() {
        AtomicInteger asked = new AtomicInteger();
        server.on("GET " + LAYER_PATH, exchange -> {
            if (asked.incrementAndGet() == 1) {
                exchange.sendResponseHeaders(200, BLOB.length);
                exchange.getResponseBody().write(BLOB, 0, 1_000_000);
                exchange.getResponseBody().flush();
            } else {
                answer(206, BLOB, "Content-Range", "bytes 0-2999999/3000000").to(exchange);
            }
        });
        assertFailure(() -> client().pull(server.image("app"), LAYER), Kind.INVALID, "another range");
    }

    @Test
    void passingFailuresAreTriedAgain() throws IOException {
        byte[] manifest = manifest();
        AtomicInteger asked = new AtomicInteger();
        server.on("GET /v2/app/manifests/1", exchange -> {
            switch (asked.incrementAndGet()) {
                case 1 -> answer(500, "oops".getBytes(UTF_8)).to(exchange);
                case 2 -> answer(429, new byte[0], "Retry-After", "0").to(exchange);
                case 3 -> exchange.close();
                default ->
                    answer(200, manifest, "Content-Type", MediaType.OCI_MANIFEST)
                            .to(exchange);
            }
        });
        assertThat(client().fetch(server.image("app:1")).digest()).isEqualTo(Digest.of(manifest));
        assertThat(asked).hasValue(4);
    }

    @Test
    void lastingFailuresAreGivenUp() {
        server.on(
                "GET /v2/app/manifests/1",
                answer(503, "{\"errors\":[{\"code\":\"BUSY\",\"message\":\"come\\u001b[2J later\"}]}".getBytes(UTF_8)));
        assertFailure(
                () -> client().fetch(server.image("app:1")),
                Kind.UNREACHABLE,
                "can't answer now (503, BUSY: come [2J later)");
        assertThat(server.requests()).hasSize(5);
    }

    @Test
    void aHostThatWantsToBeLeftAloneForLongIsNotWaitedFor() {
        server.on("GET /v2/app/manifests/1", answer(429, new byte[0], "Retry-After", "3600"));
        assertFailure(() -> client().fetch(server.image("app:1")), Kind.UNREACHABLE, "429");
        assertThat(server.requests()).hasSize(1);
    }

    @Test
    void aManifestMustBeWhatItsDigestSays() {
        byte[] manifest = manifest();
        Digest other = Digest.of(new byte[0]);
        server.on("GET /v2/app/manifests/" + other, answer(200, manifest));
        assertFailure(
                () -> client().fetch(server.image("app:1").withDigest(other)),
                Kind.DIGEST_MISMATCH,
                "sent a manifest that is " + Digest.of(manifest));
        server.on("GET /v2/app/manifests/1", answer(200, manifest, "Docker-Content-Digest", other.toString()));
        assertFailure(() -> client().fetch(server.image("app:1")), Kind.DIGEST_MISMATCH, "announced the manifest");
    }

    @Test
    void oldAndUnknownDocumentsAreRefusedByName() {
        server.on("GET /v2/app/manifests/old", answer(200, "{\"schemaVersion\":1,\"fsLayers\":[]}".getBytes(UTF_8)));
        assertFailure(() -> client().fetch(server.image("app:old")), Kind.INVALID, "Docker schema 1");
        server.on("GET /v2/app/manifests/html", answer(200, "<html>".getBytes(UTF_8)));
        assertFailure(() -> client().fetch(server.image("app:html")), Kind.INVALID, "can't be read");
        server.on("GET /v2/app/manifests/empty", answer(204, new byte[0]));
        assertFailure(() -> client().fetch(server.image("app:empty")), Kind.INVALID, "204");
        server.on(
                "GET /v2/app/manifests/broken",
                answer(
                        200,
                        "{\"schemaVersion\":2,\"layers\":[]}".getBytes(UTF_8),
                        "Content-Type",
                        MediaType.OCI_MANIFEST + "; charset=utf-8"));
        assertFailure(() -> client().resolve(server.image("app:broken"), AMD64), Kind.INVALID, "no config");
    }

    @Test
    void credentialsDoNotFollowARedirectToAnotherHost() throws IOException {
        try (ScriptedServer storage = new ScriptedServer()) {
            server.on("GET " + LAYER_PATH, exchange -> {
                if (exchange.getRequestHeaders().getFirst("Authorization") == null) {
                    answer(401, new byte[0], "WWW-Authenticate", "Basic realm=\"x\"")
                            .to(exchange);
                } else {
                    answer(307, new byte[0], "Location", "http://" + storage.host() + "/elsewhere?sig=1")
                            .to(exchange);
                }
            });
            storage.on("GET /elsewhere", answer(200, BLOB));
            client().pull(server.image("app"), LAYER);
            assertThat(server.requests().getLast().authorization()).startsWith("Basic ");
            assertThat(storage.requests()).hasSize(1);
            assertThat(storage.requests().getFirst().authorization()).isNull();
        }
    }

    @Test
    void credentialsAreNotGivenToAHostThatAsksAfterARedirect() throws IOException {
        try (ScriptedServer storage = new ScriptedServer()) {
            server.on(
                    "GET " + LAYER_PATH,
                    answer(307, new byte[0], "Location", "http://" + storage.host() + "/elsewhere"));
            storage.on("GET /elsewhere", answer(401, new byte[0], "WWW-Authenticate", "Basic realm=\"x\""));
            assertFailure(() -> client().pull(server.image("app"), LAYER), Kind.UNAUTHORIZED, "401");
            assertThat(storage.requests()).hasSize(1);
            assertThat(storage.requests().getFirst().authorization()).isNull();
        }
    }

    @Test
    void credentialsAreNotSentBeforeTheyAreAskedFor() throws IOException {
        server.on("GET /v2/app/manifests/1", answer(200, manifest()));
        client().fetch(server.image("app:1"));
        assertThat(server.requests().getFirst().authorization()).isNull();
    }

    @Test
    void redirectsThatDoNotEndAreRefused() {
        server.on("GET /v2/app/manifests/1", answer(302, new byte[0], "Location", "/v2/app/manifests/1"));
        assertFailure(() -> client().fetch(server.image("app:1")), Kind.INVALID, "redirects more than 10 times");
    }

    @Test
    void redirectsOutOfHttpAreRefused() {
        server.on("GET /v2/app/manifests/1", answer(302, new byte[0], "Location", "file:///etc/passwd"));
        assertFailure(() -> client().fetch(server.image("app:1")), Kind.INVALID, "not an http URL");
        server.on("GET /v2/app/manifests/2", answer(302, new byte[0], "Location", "http://[broken"));
        assertFailure(() -> client().fetch(server.image("app:2")), Kind.INVALID, "not a URL");
    }

    @Test
    void nobodyOutsideSendsUsToThisMachineOrToPlainHttp() {
        URI outside = URI.create("https://203.0.113.7/v2/");
        assertThatThrownBy(() -> Http.follow(outside, "https://127.0.0.1:8080/admin"))
                .hasMessageContaining("which is this machine");
        assertThatThrownBy(() -> Http.follow(outside, "https://169.254.169.254/latest"))
                .hasMessageContaining("which is this machine");
        assertThatThrownBy(() -> Http.follow(URI.create("https://203.0.113/v2/"), "https://127.0.0.1/admin"))
                .as("203.0.0.113, in a way of writing it that java.net.URI has no host for")
                .hasMessageContaining("which is this machine");
        assertThatThrownBy(() -> Http.follow(outside, "http://203.0.113.7/v2/"))
                .hasMessageContaining("from https to plain http");
        assertThatThrownBy(() -> Http.follow(outside, "https://user@203.0.113.8/"))
                .isInstanceOf(BrokenProtocolException.class);
    }

    @Test
    void aTokenServerThatTalksNonsenseIsNamed() {
        server.on(
                "GET /v2/app/manifests/1",
                answer(
                        401,
                        new byte[0],
                        "WWW-Authenticate",
                        "Bearer realm=\"http://" + server.host() + "/token\",service=\"s\""));
        server.on("GET /token", answer(200, "{\"token\":\"two words\"}".getBytes(UTF_8)));
        assertFailure(() -> client().fetch(server.image("app:1")), Kind.INVALID, "does not answer with a token");
        server.on("GET /v2/app/manifests/2", answer(401, new byte[0], "WWW-Authenticate", "Bearer service=\"s\""));
        assertFailure(() -> client().fetch(server.image("app:2")), Kind.INVALID, "does not say from where");
    }

    @Test
    void aServerThatIsNoHttpServerIsNamed() throws IOException {
        try (ServerSocket listener = new ServerSocket(0)) {
            Thread.ofVirtual().start(() -> greetEverybody(listener));
            ImageReference image = ImageReference.parse("127.0.0.1:" + listener.getLocalPort() + "/app:1");
            assertThatThrownBy(() -> client().fetch(image)).isInstanceOf(RegistryException.class);
        }
    }

    @Test
    void aSilentHostIsGivenUpAfterTheIdleTime() {
        CountDownLatch done = new CountDownLatch(1);
        server.on("GET /v2/app/manifests/1", _ -> await(done));
        RegistrySettings settings = new RegistrySettings(
                Map.of(), null, Duration.ofSeconds(5), Duration.ofMillis(200), 2, Duration.ofMillis(5), 4);
        assertFailure(
                () -> new RegistryClient(settings, store).fetch(server.image("app:1")),
                Kind.UNREACHABLE,
                "does not answer in time");
        done.countDown();
    }

    @Test
    void aHostThatStopsReadingAnUploadIsGivenUpAfterTheIdleTime() throws IOException {
        Descriptor image = imageWithLargeLayer();
        CountDownLatch done = new CountDownLatch(1);
        server.on("POST /v2/app/blobs/uploads/", answer(202, new byte[0], "Location", "/upload"));
        server.on("PUT /upload", _ -> await(done));
        RegistrySettings settings = new RegistrySettings(
                Map.of(), null, Duration.ofSeconds(5), Duration.ofMillis(500), 1, Duration.ofMillis(5), 4);
        assertThatThrownBy(() -> new RegistryClient(settings, store).push(server.image("app:1"), image, Map.of()))
                .isInstanceOfSatisfying(
                        RegistryException.class, e -> assertThat(e.kind()).isEqualTo(Kind.UNREACHABLE));
        done.countDown();
    }

    @Test
    void anInterruptEndsATransferAtOnce() throws Exception {
        CountDownLatch arrived = new CountDownLatch(1);
        CountDownLatch done = new CountDownLatch(1);
        server.on("GET " + LAYER_PATH, _ -> {
            arrived.countDown();
            await(done);
        });
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<?> pull = threads.submit(() -> {
                client().pull(server.image("app"), LAYER);
                return null;
            });
            arrived.await();
            threads.shutdownNow();
            assertThatThrownBy(pull::get).hasCauseInstanceOf(InterruptedIOException.class);
        } finally {
            done.countDown();
        }
    }

    @Test
    void aFailedUploadIsStartedAgain() throws IOException {
        Descriptor image = imageWithLargeLayer();
        AtomicInteger started = new AtomicInteger();
        AtomicInteger sent = new AtomicInteger();
        server.on(
                "POST /v2/app/blobs/uploads/",
                exchange -> answer(202, new byte[0], "Location", "/upload?n=" + started.incrementAndGet())
                        .to(exchange));
        server.on("PUT /upload", exchange -> {
            exchange.getRequestBody().transferTo(OutputStream.nullOutputStream());
            answer(sent.incrementAndGet() <= 2 ? 503 : 201, new byte[0]).to(exchange);
        });
        server.on("PUT /v2/app/manifests/1", answer(201, new byte[0]));
        PushResult pushed = client().push(server.image("app:1"), image, Map.of());
        assertThat(pushed.uploadedBlobs()).isEqualTo(2);
        assertThat(started).hasValue(4);
        assertThat(sent).hasValue(4);
    }

    @Test
    void aRegistryThatStoresAnotherManifestIsCaught() throws IOException {
        Descriptor image = TestImage.put(store, Map.of("a", "b"));
        server.on("POST /v2/app/blobs/uploads/", answer(202, new byte[0], "Location", "/upload"));
        server.on("PUT /upload", answer(201, new byte[0]));
        server.on(
                "PUT /v2/app/manifests/1",
                answer(
                        201,
                        new byte[0],
                        "Docker-Content-Digest",
                        Digest.of(new byte[0]).toString()));
        assertFailure(
                () -> client().push(server.image("app:1"), image, Map.of()),
                Kind.DIGEST_MISMATCH,
                "stored the manifest " + image.digest());
        server.on(
                "PUT /v2/app/manifests/1",
                answer(400, "{\"errors\":[{\"code\":\"MANIFEST_INVALID\",\"message\":\"no\"}]}".getBytes(UTF_8)));
        assertFailure(
                () -> client().push(server.image("app:1"), image, Map.of()),
                Kind.REFUSED,
                server.host() + " refuses (400, MANIFEST_INVALID: no)");
    }

    @Test
    void challengesAreReadAsTheyAreWritten() {
        assertThat(Challenge.parse(List.of(
                        "Bearer realm=\"https://auth.example/token\",service=\"a \\\"b\\\"\", scope=\"repository:x:pull,push\","
                                + " Basic realm=x",
                        "Negotiate")))
                .containsExactly(
                        new Challenge(
                                "bearer",
                                Map.of(
                                        "realm",
                                        "https://auth.example/token",
                                        "service",
                                        "a \"b\"",
                                        "scope",
                                        "repository:x:pull,push")),
                        new Challenge("basic", Map.of("realm", "x")),
                        new Challenge("negotiate", Map.of()));
    }

    private RegistryClient client() {
        RegistrySettings settings = RegistrySettings.DEFAULT
                .withTimes(Duration.ofSeconds(5), Duration.ofSeconds(10), Duration.ofMillis(2))
                .with(server.host(), HostSettings.DEFAULT.withCredentials(PILOT));
        return new RegistryClient(settings, store);
    }

    private Descriptor imageWithLargeLayer() throws IOException {
        Descriptor small = TestImage.put(store, Map.of("a", "b"));
        try (BlobWriter writer = store.create()) {
            for (int i = 0; i < 30; i++) {
                writer.write(BLOB);
            }
            Descriptor layer = writer.commit(MediaType.OCI_LAYER);
            return TestImage.withLayers(store, small, List.of(layer));
        }
    }

    private static byte[] manifest() {
        return "{\"schemaVersion\":2,\"config\":{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":1},\"layers\":[]}"
                .formatted(MediaType.OCI_CONFIG, LAYER.digest())
                .getBytes(UTF_8);
    }

    private static byte[] blob(int size) {
        byte[] content = new byte[size];
        new Random(3).nextBytes(content);
        return content;
    }

    private static void endless(OutputStream out) throws IOException {
        byte[] chunk = new byte[64 * 1024];
        Arrays.fill(chunk, (byte) ' ');
        while (true) {
            out.write(chunk); // until the client has had enough and cuts the connection
        }
    }

    private static void greetEverybody(ServerSocket listener) {
        try {
            while (true) {
                try (Socket socket = listener.accept()) {
                    socket.getOutputStream().write("SSH-2.0-OpenSSH_9\r\n".getBytes(UTF_8));
                }
            }
        } catch (IOException e) {
            assertThat(listener.isClosed()).isTrue();
        }
    }

    private static void await(CountDownLatch latch) throws IOException {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private static void assertFailure(ThrowingCallable call, Kind kind, String message) {
        assertThatThrownBy(call)
                .hasMessageContaining(message)
                .isInstanceOfSatisfying(
                        RegistryException.class, e -> assertThat(e.kind()).isEqualTo(kind));
    }
}
