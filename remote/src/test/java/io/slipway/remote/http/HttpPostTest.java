package io.slipway.remote.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.slipway.image.network.ChangingNames;
import io.slipway.remote.AddressPolicy;
import io.slipway.remote.SourceException;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class HttpPostTest {
    private static final Duration LONG = Duration.ofSeconds(20);

    private final HttpPost post = new HttpPost(new AddressPolicy(List.of()), LONG, LONG);
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private HttpServer server;
    private String url;

    @BeforeEach
    void startServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            try (exchange) {
                requests.add(exchange.getRequestMethod() + " " + exchange.getRequestURI() + " "
                        + exchange.getRequestHeaders().getFirst("X-Key") + " "
                        + new String(exchange.getRequestBody().readAllBytes(), UTF_8));
                int status = Integer.parseInt(
                        exchange.getRequestURI().getPath().substring(1).replaceAll("/.*", ""));
                exchange.getResponseHeaders().set("Retry-After", "3");
                exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"test\"");
                exchange.getResponseHeaders().set("Location", url + "/200/elsewhere");
                byte[] body = "said".getBytes(UTF_8);
                exchange.sendResponseHeaders(status, status == 204 ? -1 : body.length);
                if (status != 204) {
                    exchange.getResponseBody().write(body);
                }
            }
        });
        server.start();
        url = "http://127.0.0.1:" + server.getAddress().getPort();
    }

    @AfterEach
    void stopServer() {
        server.stop(0);
    }

    private HttpPost.Answer send(String address) throws IOException {
        return post.send(address, Map.of("X-Key", "k"), "{}".getBytes(UTF_8), List.of("retry-after", "X-Not-There"));
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 201, 302, 307, 400, 401, 403, 404, 429, 500, 503})
    void whateverIsAnsweredIsTheAnswer(int status) throws IOException {
        HttpPost.Answer answer = send(url + "/" + status);
        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.headers()).isEqualTo(Map.of("retry-after", "3"));
        assertThat(new String(answer.body(), UTF_8)).isEqualTo("said");
        assertThat(requests).as("no redirect is followed").containsExactly("POST /" + status + " k {}");
    }

    @Test
    void anAnswerMayHaveNoBody() throws IOException {
        assertThat(send(url + "/204").body()).isEmpty();
    }

    @Test
    void aNameIsConnectedToWhereItWasWhenItWasChecked() throws IOException {
        HttpPost careful = new HttpPost(new AddressPolicy(List.of("0.0.0.0/8")), LONG, LONG);
        String name = ChangingNames.meaning("127.0.0.1", "0.0.0.2");
        String address = url.replace("127.0.0.1", name) + "/200";
        assertThat(careful.send(address, Map.of(), new byte[0], List.of()).status())
                .isEqualTo(200);
        assertThatThrownBy(() -> careful.send(address, Map.of(), new byte[0], List.of()))
                .hasMessageContaining(name + " is in the network 0.0.0.0/8");
    }

    /** Who has made it may have been allowed more; the name need not mean that address any more. */
    @Test
    void aConnectionThatSomebodyElseHasKeptIsNotUsed() throws IOException {
        String address = url.replace("127.0.0.1", ChangingNames.meaning("127.0.0.1", "0.0.0.2")) + "/200";
        HttpURLConnection kept = (HttpURLConnection) URI.create(address).toURL().openConnection();
        try (InputStream body = kept.getInputStream()) {
            assertThat(body.readAllBytes()).isNotEmpty();
        }
        assertThatThrownBy(() -> send(address)).isInstanceOf(SourceException.class);
        assertThat(requests).as("the first one only").hasSize(1);
    }

    @Test
    void whatMayNotBeConnectedToIsNot() {
        HttpPost careful = new HttpPost(new AddressPolicy(AddressPolicy.DENIED_BY_DEFAULT), LONG, LONG);
        for (String address : List.of(url, "http://localhost:1", "http://169.254.169.254/latest")) {
            assertThatThrownBy(() -> careful.send(address, Map.of(), new byte[0], List.of()))
                    .isInstanceOf(SourceException.class)
                    .hasMessageContaining("nothing may be fetched");
        }
        assertThat(requests).isEmpty();
    }

    @Test
    void whoDoesNotAnswerIsNotWaitedForForEver() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            HttpPost impatient = new HttpPost(new AddressPolicy(List.of()), Duration.ofMillis(200), LONG);
            String address = "http://127.0.0.1:" + silent.getLocalPort();
            assertThatThrownBy(() -> impatient.send(address, Map.of(), new byte[0], List.of()))
                    .isInstanceOf(SourceException.class)
                    .hasMessageContaining("does not answer");
        }
    }

    @Test
    void nobodyIsThere() throws IOException {
        int port;
        try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = closed.getLocalPort();
        }
        assertThatThrownBy(() -> send("http://127.0.0.1:" + port)).isInstanceOf(SourceException.class);
        assertThatThrownBy(() -> send("file:///etc/passwd")).isInstanceOf(SourceException.class);
    }
}
