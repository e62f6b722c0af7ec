package io.slipway.api.testing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Before a server that answers 401 to everything: with a problem to what is asked with GET, with no more than it was sent otherwise. */
final class CheckedForwardTest {
    private static final String PROBLEM =
            "{\"type\": \"/problems/unauthorized\", \"title\": \"t\", \"status\": 401, \"detail\": \"d\"}";

    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            try (exchange) {
                byte[] sent = exchange.getRequestBody().readAllBytes();
                byte[] answer = exchange.getRequestMethod().equals("GET") ? PROBLEM.getBytes(UTF_8) : sent;
                exchange.getResponseHeaders().set("Content-Type", "application/problem+json");
                exchange.sendResponseHeaders(401, sent.length == 0 ? answer.length : 0); // 0 is chunked
                exchange.getResponseBody().write(answer);
            }
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private CheckedForward open() throws IOException {
        return new CheckedForward("http://127.0.0.1:" + server.getAddress().getPort());
    }

    private static void send(HttpClient client, CheckedForward forward, String method, String body)
            throws IOException, InterruptedException {
        client.send(
                HttpRequest.newBuilder(URI.create(forward.url() + "/v1/builds?limit=1"))
                        .method(method, BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.discarding());
    }

    @Test
    void whatIsPromisedPassesOnOneConnection() throws Exception {
        try (CheckedForward forward = open();
                HttpClient client = HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .build()) {
            for (String body : new String[] {"", PROBLEM, PROBLEM, ""}) {
                send(client, forward, body.isEmpty() ? "GET" : "POST", body);
            }
        }
    }

    @Test
    void whatIsNotPromisedIsToldInTheEnd() throws Exception {
        CheckedForward forward = open();
        try (HttpClient client = HttpClient.newHttpClient()) {
            send(client, forward, "GET", "");
            send(client, forward, "POST", "{}");
        }
        assertThatThrownBy(forward::close)
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("POST /v1/builds?limit=1 was answered 401")
                .hasMessageContaining("required");
    }

    /** As from clients of registries, which say hello as for TLS and take HTTP if that is the answer; a hello can have any bytes. */
    @Test
    void whatIsNoHttpPassesBothWays() throws Exception {
        byte[] hello = "\u0016\u0003\u0001 a line\nand another\r\n\r\n".getBytes(ISO_8859_1);
        try (CheckedForward forward = open();
                Socket socket = new Socket(
                        InetAddress.getLoopbackAddress(),
                        URI.create(forward.url()).getPort());
                HttpClient client = HttpClient.newHttpClient()) {
            socket.getOutputStream().write(hello);
            assertThat(new String(socket.getInputStream().readAllBytes(), ISO_8859_1))
                    .startsWith("HTTP/1.1 404 ");
            send(client, forward, "GET", "");
        }
    }

    @Test
    void whatIsNearlyHttpIsToldInTheEnd() throws Exception {
        CheckedForward forward = open();
        try (Socket socket = new Socket(
                InetAddress.getLoopbackAddress(), URI.create(forward.url()).getPort())) {
            socket.getOutputStream().write("GET / HTTP/1.1\r\nno colon\r\n\r\n".getBytes(ISO_8859_1));
            assertThat(socket.getInputStream().readAllBytes()).isEmpty();
        }
        assertThatThrownBy(forward::close)
                .isInstanceOf(AssertionError.class)
                .hasCauseInstanceOf(ArrayIndexOutOfBoundsException.class);
    }

    @Test
    void noAnswerIsNotEnough() throws IOException {
        CheckedForward forward = open();
        assertThat(forward.url()).isEqualTo("http://" + forward.host());
        assertThatThrownBy(forward::close).isInstanceOf(AssertionError.class).hasMessageContaining("no answer");
    }
}
