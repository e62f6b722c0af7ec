package io.slipway.worker.remote;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.slipway.image.Digest;
import io.slipway.image.store.ContentStore;
import io.slipway.remote.AddressPolicy;
import io.slipway.remote.SourceException;
import io.slipway.remote.http.HttpRemote;
import io.slipway.worker.cache.KeyHash;
import io.slipway.worker.copy.CopyException;
import io.slipway.worker.copy.Fetched;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class RemoteFileTest {
    private static final HttpRemote HTTP =
            new HttpRemote(new AddressPolicy(List.of()), Duration.ofSeconds(20), Duration.ofSeconds(20), 1_000_000);

    @TempDir
    private Path directory;

    private final List<String> requests = new CopyOnWriteArrayList<>();
    private volatile String content = "one";
    private volatile String modified = "Sun, 09 Sep 2001 01:46:40 GMT";
    private ContentStore store;
    private HttpServer server;
    private String url;

    @BeforeEach
    void start() throws IOException {
        store = ContentStore.at(directory.resolve("store"));
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
        url = "http://127.0.0.1:" + server.getAddress().getPort();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            boolean unchanged = modified.equals(exchange.getRequestHeaders().getFirst("If-Modified-Since"));
            requests.add(unchanged ? "asked" : "sent");
            exchange.getResponseHeaders().set("Last-Modified", modified);
            byte[] body = content.getBytes(UTF_8);
            exchange.sendResponseHeaders(unchanged ? 304 : 200, unchanged ? -1 : body.length);
            if (!unchanged) {
                exchange.getResponseBody().write(body);
            }
        }
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void aFileBelongsToRootAloneAndHasTheServersTime() throws IOException {
        Fetched fetched = file("/a.txt", null).fetch();
        assertThat(fetched.node().entry().mode()).isEqualTo(0600);
        assertThat(fetched.node().entry().mtime()).isEqualTo(Instant.ofEpochSecond(1_000_000_000));
        assertThat(fetched.node().content()).isEqualTo(Digest.of("one".getBytes(UTF_8)));
        try (var in = fetched.tree().open(fetched.node())) {
            assertThat(in.readAllBytes()).isEqualTo("one".getBytes(UTF_8));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "/a%20b?x=1/2, a b",
        "/d/f.txt/,    f.txt",
        "/,            __unnamed__",
        "'',           __unnamed__",
        "/d/.,         __unnamed__",
        "/%2E%2E%2Fetc, etc",
        "/*,           *",
    })
    void itsNameIsTheUrlsLastPart(String path, String name) throws IOException {
        assertThat(file(path, null).fetch().name()).isEqualTo(name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/..", "/%2e%2e", "/a/%2e%2e/", "/a%00b"})
    void aNameThatNoFileCanHaveIsRefused(String path) {
        RemoteFile file = file(path, null);
        assertThatThrownBy(() -> file.addTo(new KeyHash("test"))).isInstanceOf(CopyException.class);
    }

    @Test
    void oneBuildAsksOnce() throws IOException {
        RemoteFile file = file("/a", null);
        key(file);
        file.fetch();
        key(file);
        assertThat(requests).containsExactly("sent");
    }

    @Test
    void theNextBuildAsksWhetherItHasChanged() throws IOException {
        Digest first = key(file("/a", null));
        assertThat(key(file("/a", null))).isEqualTo(first);
        content = "two";
        modified = "Mon, 10 Sep 2001 01:46:40 GMT";
        assertThat(key(file("/a", null))).isNotEqualTo(first);
        assertThat(requests).containsExactly("sent", "asked", "sent");
    }

    @Test
    void whatTheStoreHasLostIsDownloadedAgain() throws IOException {
        Fetched first = file("/a", null).fetch();
        assertThat(store.delete(Digest.of("one".getBytes(UTF_8)))).isTrue();
        assertThat(file("/a", null).fetch().node()).isEqualTo(first.node());
        assertThat(requests).containsExactly("sent", "sent");
    }

    @Test
    void withAChecksumTheKeyNeedsNoServer() throws IOException {
        String checksum = Digest.of("one".getBytes(UTF_8)).hex();
        key(file("/a", checksum));
        assertThat(requests).isEmpty();
        file("/a", checksum).fetch();
        file("/a", checksum).fetch();
        assertThat(requests).containsExactly("sent");
    }

    @Test
    void whatHasAnotherChecksumIsNotKept() throws IOException {
        RemoteFile file = file("/a", "0".repeat(64));
        assertThatThrownBy(file::fetch).isInstanceOf(SourceException.class);
        assertThat(store.contains(Digest.of("one".getBytes(UTF_8)))).isFalse();
        try (Stream<Path> unfinished = Files.list(store.root().resolve("ingest"))) {
            assertThat(unfinished).isEmpty();
        }
    }

    @Test
    void noUrlAndNoSecretIsWrittenDown() throws IOException {
        RemoteSecrets secrets = new RemoteSecrets(Map.of("HTTP_AUTH_TOKEN_127.0.0.1", "hidden".getBytes(UTF_8)));
        new RemoteFile(HTTP, store, records(), secrets, url + "/a?signature=hidden", null).fetch();
        List<String> texts = new ArrayList<>();
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                texts.add(file + " " + Files.readString(file));
            }
        }
        assertThat(texts).hasSize(2).noneMatch(text -> text.contains("hidden"));
    }

    private DownloadRecords records() {
        return new DownloadRecords(directory.resolve("downloads"), () -> directory.resolve("record"));
    }

    private RemoteFile file(String path, @Nullable String checksum) {
        return new RemoteFile(HTTP, store, records(), new RemoteSecrets(Map.of()), url + path, checksum);
    }

    private static Digest key(RemoteFile file) throws IOException {
        KeyHash key = new KeyHash("test");
        file.addTo(key);
        return key.digest();
    }
}
