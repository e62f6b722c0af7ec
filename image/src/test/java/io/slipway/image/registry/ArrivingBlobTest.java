package io.slipway.image.registry;

import static io.slipway.image.registry.ScriptedServer.answer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.image.Descriptor;
import io.slipway.image.Digest;
import io.slipway.image.MediaType;
import io.slipway.image.registry.RegistryException.Kind;
import io.slipway.image.store.ContentStore;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Blobs that are read while they are downloaded. */
@Timeout(60)
class ArrivingBlobTest {
    private static final int PART = 1_000_000;
    private static final byte[] BLOB = blob();
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
    void theBeginningIsReadBeforeTheEndIsSent() throws IOException {
        CountDownLatch begun = new CountDownLatch(1);
        server.on("GET " + LAYER_PATH, exchange -> {
            exchange.sendResponseHeaders(200, BLOB.length);
            exchange.getResponseBody().write(BLOB, 0, PART);
            exchange.getResponseBody().flush();
            await(begun);
            exchange.getResponseBody().write(BLOB, PART, BLOB.length - PART);
        });
        Digest read = client(HostSettings.DEFAULT).pull(server.image("app"), LAYER, blob -> {
            byte[] first = blob.readNBytes(PART / 2);
            begun.countDown();
            return digest(first, blob);
        });
        assertThat(read).isEqualTo(LAYER.digest());
        store.verify(LAYER.digest());
    }

    @Test
    void aReaderDoesNotNoticeThatADownloadBrokeOffAndWentOn() throws IOException {
        AtomicInteger asked = new AtomicInteger();
        server.on("GET " + LAYER_PATH, exchange -> {
            String range = exchange.getRequestHeaders().getFirst("Range");
            int from = range == null ? 0 : Integer.parseInt(range.substring("bytes=".length(), range.length() - 1));
            exchange.getResponseHeaders()
                    .set("Content-Range", "bytes " + from + "-" + (BLOB.length - 1) + "/" + BLOB.length);
            exchange.sendResponseHeaders(range == null ? 200 : 206, BLOB.length - from);
            int length = asked.incrementAndGet() < 3 ? PART : BLOB.length - from;
            exchange.getResponseBody().write(BLOB, from, length);
            exchange.getResponseBody().flush();
        });
        AtomicInteger readings = new AtomicInteger();
        assertThat(read(client(HostSettings.DEFAULT), readings)).isEqualTo(LAYER.digest());
        assertThat(readings).hasValue(1);
    }

    @Test
    void whatASecondServerSendsIsReadFromTheBeginning() throws IOException {
        try (ScriptedServer mirror = new ScriptedServer()) {
            mirror.on("GET " + LAYER_PATH, exchange -> {
                byte[] lie = BLOB.clone();
                lie[BLOB.length - 1]++;
                answer(200, lie).to(exchange);
            });
            server.on("GET " + LAYER_PATH, answer(200, BLOB));
            HostSettings mirrored = new HostSettings(List.of(URI.create("http://" + mirror.host())), true, null);
            AtomicInteger readings = new AtomicInteger();
            assertThat(read(client(mirrored), readings)).isEqualTo(LAYER.digest());
            assertThat(readings).hasValue(2);
        }
    }

    @Test
    void whatTurnsOutToBeAnotherBlobIsNotGivenToAnybody() {
        server.on("GET " + LAYER_PATH, exchange -> {
            byte[] lie = BLOB.clone();
            lie[0]++;
            answer(200, lie).to(exchange);
        });
        assertThatThrownBy(() -> read(client(HostSettings.DEFAULT), new AtomicInteger()))
                .isInstanceOfSatisfying(
                        RegistryException.class, e -> assertThat(e.kind()).isEqualTo(Kind.DIGEST_MISMATCH));
        assertThat(store.contains(LAYER.digest())).isFalse();
    }

    @Test
    void aReaderThatFailsEndsTheDownload() {
        CountDownLatch done = new CountDownLatch(1);
        server.on("GET " + LAYER_PATH, exchange -> {
            exchange.sendResponseHeaders(200, BLOB.length);
            exchange.getResponseBody().write(BLOB, 0, PART);
            exchange.getResponseBody().flush();
            await(done);
        });
        try {
            assertThatThrownBy(() -> client(HostSettings.DEFAULT).pull(server.image("app"), LAYER, blob -> {
                        blob.readNBytes(10);
                        throw new IOException("enough");
                    }))
                    .hasMessage("enough");
        } finally {
            done.countDown();
        }
        assertThat(store.contains(LAYER.digest())).isFalse();
    }

    @Test
    void whatIsStoredIsReadFromThere() throws IOException {
        store.put(BLOB);
        assertThat(read(client(HostSettings.DEFAULT), new AtomicInteger())).isEqualTo(LAYER.digest());
        assertThat(server.requests()).isEmpty();
    }

    /** Whether it is waiting or reading at that moment. */
    @RepeatedTest(20)
    void anInterruptEndsReaderAndDownload() throws Exception {
        CountDownLatch arrived = new CountDownLatch(1);
        CountDownLatch done = new CountDownLatch(1);
        server.on("GET " + LAYER_PATH, exchange -> {
            exchange.sendResponseHeaders(200, BLOB.length);
            exchange.getResponseBody().write(BLOB, 0, PART);
            exchange.getResponseBody().flush();
            arrived.countDown();
            await(done);
        });
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Digest> pull = threads.submit(() -> read(client(HostSettings.DEFAULT), new AtomicInteger()));
            arrived.await();
            threads.shutdownNow();
            assertThatThrownBy(pull::get).hasCauseInstanceOf(InterruptedIOException.class);
        } finally {
            done.countDown();
        }
    }

    private Digest read(RegistryClient client, AtomicInteger readings) throws IOException {
        return client.pull(server.image("app"), LAYER, blob -> {
            readings.incrementAndGet();
            return digest(new byte[0], blob);
        });
    }

    private static Digest digest(byte[] first, InputStream rest) throws IOException {
        var hash = Digest.sha256();
        hash.update(first);
        hash.update(rest.readAllBytes());
        return Digest.of(hash);
    }

    private RegistryClient client(HostSettings host) {
        RegistrySettings settings = RegistrySettings.DEFAULT
                .withTimes(Duration.ofSeconds(5), Duration.ofSeconds(10), Duration.ofMillis(2))
                .with(server.host(), host);
        return new RegistryClient(settings, store);
    }

    private static byte[] blob() {
        byte[] content = new byte[3 * PART];
        new Random(3).nextBytes(content);
        return content;
    }

    private static void await(CountDownLatch latch) throws IOException {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }
}
