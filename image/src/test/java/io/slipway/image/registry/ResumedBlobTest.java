package io.slipway.image.registry;

import static io.slipway.image.registry.ScriptedServer.answer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.image.Descriptor;
import io.slipway.image.Digest;
import io.slipway.image.MediaType;
import io.slipway.image.store.ContentStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What another process had of a blob when it ended is not downloaded again. */
@Timeout(60)
class ResumedBlobTest {
    private static final int PART = 1_000_000;
    private static final byte[] BLOB = blob();
    private static final Descriptor LAYER = new Descriptor(MediaType.OCI_LAYER, Digest.of(BLOB), BLOB.length);
    private static final String LAYER_PATH = "/v2/app/blobs/" + LAYER.digest();
    private static final String WHOLE = "whole";

    @TempDir
    Path directory;

    private final List<String> ranges = new CopyOnWriteArrayList<>();
    private final List<Digest> claimed = new CopyOnWriteArrayList<>();
    private ContentStore store;
    private Path partial;
    private ScriptedServer server;

    private static byte[] blob() {
        byte[] blob = new byte[3 * PART];
        new Random(7).nextBytes(blob);
        return blob;
    }

    @BeforeEach
    void start() throws IOException {
        Path unfinished = Files.createDirectory(directory.resolve("unfinished"));
        store = ContentStore.at(
                directory, () -> unfinished.resolve(UUID.randomUUID().toString()), blob -> {
                    claimed.add(blob);
                    return () -> claimed.remove(blob);
                });
        server = new ScriptedServer();
        partial = partial(server);
        server.on("GET " + LAYER_PATH, exchange -> {
            assertThat(claimed).hasSize(1);
            String range = exchange.getRequestHeaders().getFirst("Range");
            ranges.add(range == null ? WHOLE : range);
            int from = range == null ? 0 : Integer.parseInt(range.substring("bytes=".length(), range.length() - 1));
            exchange.getResponseHeaders()
                    .set("Content-Range", "bytes " + from + "-" + (BLOB.length - 1) + "/" + BLOB.length);
            exchange.sendResponseHeaders(range == null ? 200 : 206, BLOB.length - from);
            exchange.getResponseBody().write(BLOB, from, BLOB.length - from);
        });
    }

    @AfterEach
    void stop() {
        server.close();
        assertThat(claimed).isEmpty();
    }

    /** Of the server that it comes from: another one's beginning is none of ours. */
    private Path partial(ScriptedServer from) {
        return directory
                .resolve(ContentStore.PARTIAL)
                .resolve(Digest.of((from.host() + " " + LAYER.digest()).getBytes(StandardCharsets.UTF_8))
                        .hex());
    }

    private Digest pull() throws IOException {
        return client(server).pull(server.image("app"), LAYER, blob -> Digest.of(blob.readAllBytes()));
    }

    private RegistryClient client(ScriptedServer host) {
        RegistrySettings settings = RegistrySettings.DEFAULT
                .withTimes(Duration.ofSeconds(5), Duration.ofSeconds(10), Duration.ofMillis(2))
                .with(host.host(), HostSettings.DEFAULT);
        return new RegistryClient(settings, store);
    }

    private void assertPulled() throws IOException {
        assertThat(pull()).isEqualTo(LAYER.digest());
        store.verify(LAYER.digest());
        assertThat(partial).doesNotExist();
    }

    @Test
    void aDownloadGoesOnWhereAnotherProcessEnded() throws IOException {
        Files.write(partial, Arrays.copyOf(BLOB, PART));
        assertPulled();
        assertThat(ranges).containsExactly("bytes=" + PART + "-");
    }

    @Test
    void whatCameWholeIsNotFetchedAgain() throws IOException {
        server.on("HEAD " + LAYER_PATH, answer(200, BLOB, "Content-Length", Integer.toString(BLOB.length)));
        Files.write(partial, BLOB);
        assertPulled();
        assertThat(ranges).isEmpty();
    }

    @Test
    void whatCameWholeForSomebodyElseIsNotOursIfItIsNotGivenToUs() throws IOException {
        Files.write(partial, BLOB);
        server.on("GET " + LAYER_PATH, answer(403, new byte[0]));
        assertThatThrownBy(this::pull).isInstanceOf(RegistryException.class);
    }

    @Test
    void aHostThatAnswersNoHeadShowsWithGetThatItIsGiven() throws IOException {
        Files.write(partial, BLOB);
        server.on("HEAD " + LAYER_PATH, answer(405, new byte[0]));
        assertPulled();
    }

    @Test
    void aBeginningThatIsWrongIsDownloadedAgain() throws IOException {
        byte[] wrong = Arrays.copyOf(BLOB, PART);
        wrong[0]++;
        Files.write(partial, wrong);
        assertPulled();
        assertThat(ranges).containsExactly("bytes=" + PART + "-", WHOLE);
    }

    /** As one that unpacks while it reads. */
    @Test
    void aReaderNeverSeesABeginningThatIsWrong() throws IOException {
        byte[] wrong = Arrays.copyOf(BLOB, PART);
        wrong[0]++;
        Files.write(partial, wrong);
        Digest read = client(server).pull(server.image("app"), LAYER, blob -> {
            byte[] beginning = blob.readNBytes(PART);
            if (!Arrays.equals(beginning, Arrays.copyOf(BLOB, PART))) {
                throw new IOException("this is no layer");
            }
            blob.readAllBytes();
            return LAYER.digest();
        });
        assertThat(read).isEqualTo(LAYER.digest());
        assertThat(partial).doesNotExist();
    }

    @Test
    void moreThanThereShouldBeIsNoBeginning() throws IOException {
        Files.write(partial, new byte[BLOB.length + 1]);
        assertPulled();
        assertThat(ranges).containsExactly(WHOLE);
    }

    @Test
    void whatADownloadThatFailsHasBroughtStaysForTheNext() throws IOException {
        AtomicBoolean fails = new AtomicBoolean(true);
        try (ScriptedServer other = new ScriptedServer()) {
            other.on("GET " + LAYER_PATH, exchange -> {
                String range = exchange.getRequestHeaders().getFirst("Range");
                if (range == null) {
                    exchange.sendResponseHeaders(200, BLOB.length);
                    exchange.getResponseBody().write(BLOB, 0, PART);
                    exchange.getResponseBody().flush();
                } else if (fails.get()) {
                    answer(404, new byte[0]).to(exchange);
                } else {
                    int from = Integer.parseInt(range.substring("bytes=".length(), range.length() - 1));
                    exchange.getResponseHeaders()
                            .set("Content-Range", "bytes " + from + "-" + (BLOB.length - 1) + "/" + BLOB.length);
                    exchange.sendResponseHeaders(206, BLOB.length - from);
                    exchange.getResponseBody().write(BLOB, from, BLOB.length - from);
                }
            });
            assertThatThrownBy(() -> client(other).pull(other.image("app"), LAYER))
                    .isInstanceOf(RegistryException.class);
            assertThat(Files.size(partial(other))).isBetween(1L, (long) PART);
            fails.set(false);
            client(other).pull(other.image("app"), LAYER);
            assertThat(partial(other)).doesNotExist();
            store.verify(LAYER.digest());
        }
    }

    @Test
    void ofWhatTurnsOutToBeAnotherBlobNothingStays() throws IOException {
        try (ScriptedServer other = new ScriptedServer()) {
            byte[] lie = BLOB.clone();
            lie[0]++;
            other.on("GET " + LAYER_PATH, answer(200, lie));
            assertThatThrownBy(() -> client(other).pull(other.image("app"), LAYER))
                    .isInstanceOf(RegistryException.class);
            assertThat(partial(other)).doesNotExist();
        }
    }
}
