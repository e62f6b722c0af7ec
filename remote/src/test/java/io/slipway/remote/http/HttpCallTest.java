package io.slipway.remote.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.slipway.image.network.ChangingNames;
import io.slipway.remote.AddressPolicy;
import io.slipway.remote.SourceException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class HttpCallTest {
    private final HttpCall call = new HttpCall(new AddressPolicy(List.of()), Duration.ofSeconds(20));
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private HttpServer server;
    private String url;

    @BeforeEach
    void startServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            try (exchange) {
                requests.add(exchange.getRequestMethod() + " " + exchange.getRequestURI() + " "
                        + exchange.getRequestHeaders().getFirst("Authorization") + " "
                        + new String(exchange.getRequestBody().readAllBytes(), UTF_8));
                int status = Integer.parseInt(
                        exchange.getRequestURI().getPath().substring(1).replaceAll("/.*", ""));
                exchange.getResponseHeaders().set("Retry-After", "3");
                exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"test\"");
                exchange.getResponseHeaders().set("Location", url + "/200/elsewhere");
                byte[] body = "said".repeat(1024 * 1024).getBytes(UTF_8);
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

    @ParameterizedTest
    @CsvSource({
        "GET, 200,",
        "GET, 404,",
        "POST, 201, {}",
        "PATCH, 200, {}",
        "PATCH, 302, {}",
        "POST, 307, {}",
        "PATCH, 401, {}",
        "POST, 403, {}",
        "PATCH, 422, {}",
        "POST, 429, {}",
        "PATCH, 503, {}",
    })
    void whateverIsAnsweredIsTheAnswer(String method, int status, @Nullable String body) throws IOException {
        HttpPost.Answer answer = call.send(
                method,
                url + "/" + status + "?a=b%2Fc",
                Map.of("Authorization", "Bearer t"),
                body == null ? null : body.getBytes(UTF_8),
                List.of("retry-after", "X-Not-There"));
        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.headers()).isEqualTo(Map.of("retry-after", "3"));
        assertThat(answer.body()).as("its beginning").hasSize(1024 * 1024).startsWith("said".getBytes(UTF_8));
        assertThat(requests)
                .as("no redirect is followed")
                .containsExactly(method + " /" + status + "?a=b%2Fc Bearer t " + (body == null ? "" : body));
    }

    @Test
    void aNameIsConnectedToWhereItWasWhenItWasChecked() throws IOException {
        HttpCall careful = new HttpCall(new AddressPolicy(List.of("0.0.0.0/8")), Duration.ofSeconds(20));
        String address = url.replace("127.0.0.1", ChangingNames.meaning("127.0.0.1", "0.0.0.2")) + "/200";
        assertThat(careful.send("GET", address, Map.of(), null, List.of()).status())
                .isPositive();
        assertThatThrownBy(() -> careful.send("GET", address, Map.of(), null, List.of()))
                .hasMessageContaining("is in the network 0.0.0.0/8");
        assertThat(requests).hasSize(1);
    }

    @Test
    void anAnswerMayHaveNoBody() throws IOException {
        assertThat(call.send("PATCH", url + "/204", Map.of(), new byte[0], List.of())
                        .body())
                .isEmpty();
    }

    @Test
    void whatMayNotBeConnectedToIsNot() {
        HttpCall careful = new HttpCall(new AddressPolicy(AddressPolicy.DENIED_BY_DEFAULT), Duration.ofSeconds(20));
        for (String address : List.of(url, "http://localhost:1", "http://169.254.169.254/latest")) {
            assertThatThrownBy(() -> careful.send("GET", address, Map.of(), null, List.of()))
                    .isInstanceOf(SourceException.class)
                    .hasMessageContaining("nothing may be fetched");
        }
        assertThat(requests).isEmpty();
    }

    @Test
    void whoDoesNotAnswerIsNotWaitedForForEver() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            HttpCall impatient = new HttpCall(new AddressPolicy(List.of()), Duration.ofMillis(200));
            String address = "http://127.0.0.1:" + silent.getLocalPort();
            assertThatThrownBy(() -> impatient.send("GET", address, Map.of(), null, List.of()))
                    .isInstanceOf(SourceException.class)
                    .hasMessageContaining(address);
        }
    }

    @Test
    void nobodyIsThere() throws IOException {
        int port;
        try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = closed.getLocalPort();
        }
        for (String address : List.of("http://127.0.0.1:" + port, "file:///etc/passwd")) {
            assertThatThrownBy(() -> call.send("GET", address, Map.of(), null, List.of()))
                    .isInstanceOf(SourceException.class);
        }
    }
}
