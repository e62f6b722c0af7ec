package io.slipway.remote.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.slipway.image.Digest;
import io.slipway.image.network.ChangingNames;
import io.slipway.remote.AddressPolicy;
import io.slipway.remote.SourceException;
import io.slipway.remote.SourceException.Kind;
import io.slipway.remote.http.HttpSource.Validators;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class HttpRemoteTest {
    private static final byte[] CONTENT = "content".getBytes(UTF_8);
    private static final String CHECKSUM = Digest.of(CONTENT).hex();
    private static final Duration LONG = Duration.ofSeconds(20);

    private final HttpRemote remote = remote(List.of(), 1000);
    private final Map<String, String> locations = new ConcurrentHashMap<>();
    /** "SERVER PATH AUTHORIZATION" of every request. */
    private final ConcurrentLinkedQueue<String> requests = new ConcurrentLinkedQueue<>();

    private final AtomicInteger busyAnswers = new AtomicInteger();

    private HttpServer server;
    private HttpServer other;

    @BeforeEach
    void start() throws IOException {
        server = server("server");
        other = server("other");
    }

    private HttpServer server(String name) throws IOException {
        HttpServer started = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        started.createContext("/", exchange -> answer(name, exchange));
        started.start();
        return started;
    }

    private void answer(String name, HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            requests.add(name + " " + path + " " + exchange.getRequestHeaders().getFirst("Authorization"));
            String location = locations.get(path);
            int busy = path.startsWith("/busy") ? Integer.parseInt(path.substring(5, 8)) : 0;
            if (busy > 0 && busyAnswers.incrementAndGet() < 3) {
                exchange.getResponseHeaders().set("Retry-After", path.endsWith("/later") ? "3600" : "0");
                exchange.sendResponseHeaders(busy, -1);
                return;
            }
            exchange.getResponseHeaders().set("ETag", "\"one\"");
            exchange.getResponseHeaders().set("Last-Modified", "Sun, 09 Sep 2001 01:46:40 GMT");
            if (location != null) {
                exchange.getResponseHeaders().set("Location", location);
                exchange.sendResponseHeaders(302, -1);
            } else if ("\"one\"".equals(exchange.getRequestHeaders().getFirst("If-None-Match"))) {
                exchange.sendResponseHeaders(304, -1);
            } else {
                exchange.sendResponseHeaders(path.equals("/missing") ? 404 : 200, CONTENT.length);
                exchange.getResponseBody().write(CONTENT);
            }
        }
    }

    @AfterEach
    void stop() {
        server.stop(0);
        other.stop(0);
    }

    @Test
    void aFileComesWithWhatTheServerSaysOfIt() throws IOException {
        Received received = fetch(remote, source(url(server, "/file"), null));
        assertThat(received.body()).isEqualTo("content");
        assertThat(received.file().modified()).isEqualTo(Instant.ofEpochSecond(1_000_000_000));
        assertThat(received.file().validators()).isEqualTo(new Validators("\"one\"", "Sun, 09 Sep 2001 01:46:40 GMT"));
    }

    @Test
    void whatHasNotChangedIsNotSentAgain() throws IOException {
        String url = url(server, "/file");
        Received unchanged = fetch(remote, new HttpSource(url, null, null, new Validators("\"one\"", null)));
        assertThat(unchanged.file().unchanged()).isTrue();
        Received changed = fetch(remote, new HttpSource(url, null, null, new Validators("\"two\"", null)));
        assertThat(changed.file().unchanged()).isFalse();
        assertThat(changed.body()).isEqualTo("content");
    }

    @Test
    void aRedirectIsFollowedWithoutCredentialsForAnotherServer() throws IOException {
        locations.put("/here", "/there");
        locations.put("/there", url(other, "/end"));
        assertThat(fetch(remote, source(url(server, "/here"), "Bearer t")).body())
                .isEqualTo("content");
        assertThat(requests).containsExactly("server /here Bearer t", "server /there Bearer t", "other /end null");
    }

    @Test
    void credentialsOfTheUrlAreSentToItsServerOnly() throws IOException {
        locations.put("/here", url(other, "/end"));
        fetch(remote, source(url(server, "/here").replace("://", "://me:pass%20word@"), null));
        assertThat(requests).containsExactly("server /here Basic bWU6cGFzcyB3b3Jk", "other /end null");
    }

    @Test
    void aRedirectToADeniedAddressIsNotFollowed() {
        locations.put("/here", "http://169.254.169.254/latest/meta-data");
        HttpRemote strict = remote(List.of("169.254.0.0/16"), 1000);
        assertFails(strict, source(url(server, "/here"), null), Kind.UNREACHABLE, "169.254.169.254 is in the network");
        locations.put("/home", "file:///etc/passwd");
        assertFails(strict, source(url(server, "/home"), null), Kind.UNREACHABLE, "no http or https URL");
    }

    @Test
    void aNameIsConnectedToWhereItWasWhenItWasCheckedAlsoAfterARedirect() throws IOException {
        HttpRemote strict = remote(List.of("0.0.0.0/8"), 1000);
        String first = url(server, "/here").replace("127.0.0.1", ChangingNames.meaning("127.0.0.1", "0.0.0.2"));
        String second = url(other, "/end").replace("127.0.0.1", ChangingNames.meaning("127.0.0.1", "0.0.0.2"));
        locations.put("/here", second);
        assertThat(fetch(strict, source(first, null)).body()).isEqualTo("content");
        assertFails(strict, source(second, null), Kind.UNREACHABLE, "is in the network 0.0.0.0/8");
    }

    @Test
    void theOwnMachineIsDeniedBeforeItIsAsked() {
        HttpRemote strict = remote(AddressPolicy.DENIED_BY_DEFAULT, 1000);
        assertFails(strict, source(url(server, "/file"), null), Kind.UNREACHABLE, "the build machine itself");
        assertThat(requests).isEmpty();
    }

    @Test
    void aLoopEndsAndSaysSo() {
        locations.put("/round", "/round");
        assertFails(remote, source(url(server, "/round"), null), Kind.UNREACHABLE, "redirects more than 10 times");
        assertThat(requests).hasSize(11);
    }

    @Test
    void aStatusIsNamedAndTheUrlsSecretsAreNot() {
        String url = url(server, "/missing?signature=secret").replace("://", "://user:secret@");
        assertThatThrownBy(() -> fetch(remote, source(url, null)))
                .hasMessage(url(server, "/missing") + " answers with status 404");
    }

    @ParameterizedTest
    @ValueSource(ints = {429, 500, 502, 503, 504})
    void aServerThatIsBusyIsAskedAgain(int status) throws IOException {
        assertThat(fetch(remote, source(url(server, "/busy" + status), null)).body())
                .isEqualTo("content");
        assertThat(requests).hasSize(3);
    }

    @Test
    void aServerThatWantsToBeLeftAloneForLongIsNotAskedAgain() {
        assertFails(remote, source(url(server, "/busy503/later"), null), Kind.UNREACHABLE, "answers with status 503");
        assertThat(requests).hasSize(1);
    }

    @Test
    void aServerThatIsNotThereIsAskedAgainAndThenGivenUp() throws IOException {
        String url;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            url = "http://127.0.0.1:" + free.getLocalPort() + "/file";
        }
        assertFails(remote, source(url, null), Kind.UNREACHABLE, "could not be fetched");
    }

    @Test
    void anotherChecksumIsRefused() throws IOException {
        String url = url(server, "/file");
        assertThat(fetch(remote, new HttpSource(url, CHECKSUM, null, null)).body())
                .isEqualTo("content");
        assertFails(remote, new HttpSource(url, "0".repeat(64), null, null), Kind.INVALID, CHECKSUM);
    }

    @Test
    void aReceiverThatReadsNothingDoesNotEscapeTheChecksum() {
        HttpSource source = new HttpSource(url(server, "/file"), "0".repeat(64), null, null);
        assertThatThrownBy(() -> remote.fetch(source, file -> new Received(file, "")))
                .isInstanceOf(SourceException.class);
    }

    @Test
    void whatIsTooLargeIsRefused() {
        assertFails(remote(List.of(), 6), source(url(server, "/file"), null), Kind.TOO_LARGE, "more than 6 bytes");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nless",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc",
            })
    void aBodyThatEndsEarlyIsNoFile(String answer) throws IOException {
        try (RawServer raw = new RawServer(answer, true)) {
            assertFails(remote, source(raw.url(), null), Kind.UNREACHABLE, "could not be fetched");
        }
    }

    @Test
    void aBodyWithoutAnnouncedSizeIsHeldToTheLimit() throws IOException {
        try (RawServer raw = new RawServer("HTTP/1.1 200 OK\r\n\r\n" + "x".repeat(2000), true)) {
            assertFails(remote, source(raw.url(), null), Kind.TOO_LARGE, "more than 1000 bytes");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nslow"})
    void aServerThatFallsSilentIsGivenUp(String beginning) throws IOException {
        HttpRemote impatient = new HttpRemote(new AddressPolicy(List.of()), Duration.ofMillis(200), LONG, 1000);
        HttpRemote hurried = new HttpRemote(new AddressPolicy(List.of()), LONG, Duration.ofMillis(300), 1000);
        try (RawServer raw = new RawServer(beginning, false)) {
            assertFails(impatient, source(raw.url(), null), Kind.UNREACHABLE, "does not answer");
            assertFails(hurried, source(raw.url(), null), Kind.UNREACHABLE, "took longer than");
        }
    }

    private static HttpRemote remote(List<String> denied, long mostBytes) {
        return new HttpRemote(new AddressPolicy(denied), LONG, LONG, mostBytes);
    }

    private static String url(HttpServer at, String path) {
        return "http://127.0.0.1:" + at.getAddress().getPort() + path;
    }

    private static HttpSource source(String url, @Nullable String authorization) {
        return new HttpSource(url, null, authorization, null);
    }

    private record Received(HttpFile file, String body) implements Closeable {
        @Override
        public void close() {}
    }

    private static Received fetch(HttpRemote from, HttpSource source) throws IOException {
        return from.fetch(
                source, file -> new Received(file, new String(file.body().readAllBytes(), UTF_8)));
    }

    private static void assertFails(HttpRemote from, HttpSource source, Kind kind, String message) {
        assertThatThrownBy(() -> fetch(from, source))
                .asInstanceOf(type(SourceException.class))
                .satisfies(e -> assertThat(e.kind()).as(e.getMessage()).isEqualTo(kind))
                .satisfies(e -> assertThat(e).hasMessageContaining(message));
    }

    /** Answers every connection with the same bytes, and then closes it or says nothing more. */
    private static final class RawServer implements AutoCloseable {
        private final ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        private final ConcurrentLinkedQueue<Socket> open = new ConcurrentLinkedQueue<>();

        RawServer(String answer, boolean closing) throws IOException {
            Thread.ofVirtual().start(() -> serve(answer.getBytes(UTF_8), closing));
        }

        String url() {
            return "http://127.0.0.1:" + socket.getLocalPort() + "/file";
        }

        private void serve(byte[] answer, boolean closing) {
            try {
                while (true) {
                    Socket client = socket.accept();
                    open.add(client);
                    client.getInputStream().read(new byte[4096]);
                    client.getOutputStream().write(answer);
                    if (closing) {
                        client.close();
                    }
                }
            } catch (IOException e) {
                // The test has ended.
            }
        }

        @Override
        public void close() throws IOException {
            socket.close();
            for (Socket client : open) {
                client.close();
            }
        }
    }
}
