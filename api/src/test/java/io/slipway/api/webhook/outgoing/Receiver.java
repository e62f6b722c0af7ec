package io.slipway.api.webhook.outgoing;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A receiver of webhooks on a port of its own, which checks signatures by itself. Thread-safe. */
final class Receiver implements AutoCloseable {
    private final HttpServer server;
    private final BlockingQueue<Received> received = new LinkedBlockingQueue<>();
    private final ConcurrentLinkedQueue<Answer> answers = new ConcurrentLinkedQueue<>();

    /** What is answered next; 204 if nothing was said. */
    record Answer(int status, String body, List<String> header) {}

    /** What has come. */
    record Received(String id, long timestamp, String signatures, String contentType, String body) {
        JsonNode json() {
            return JsonMapper.shared().readTree(body);
        }

        String type() {
            return json().path("type").asString("");
        }

        /** Checks it as the specification of Standard Webhooks says. */
        void assertSignedWith(String... secrets) throws GeneralSecurityException {
            List<String> expected = new ArrayList<>();
            for (String secret : secrets) {
                assertThat(secret).startsWith("whsec_");
                Mac mac = Mac.getInstance("HmacSHA256");
                mac.init(new SecretKeySpec(Base64.getDecoder().decode(secret.substring(6)), "HmacSHA256"));
                byte[] code = mac.doFinal((id + "." + timestamp + "." + body).getBytes(StandardCharsets.UTF_8));
                expected.add("v1," + Base64.getEncoder().encodeToString(code));
            }
            assertThat(signatures.split(" ")).containsExactlyElementsOf(expected);
            assertThat(Instant.ofEpochSecond(timestamp))
                    .isBetween(Instant.now().minusSeconds(300), Instant.now().plusSeconds(300));
        }
    }

    /** A receiver on any free port. */
    Receiver() throws IOException {
        this(0);
    }

    /** A receiver on a port. */
    Receiver(int port) throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        server.createContext("/", this::take);
        server.start();
    }

    private void take(HttpExchange exchange) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        Answer answer = answers.poll();
        Answer given = answer == null ? new Answer(204, "", List.of()) : answer;
        received.add(new Received(
                header(exchange, "webhook-id"),
                Long.parseLong(header(exchange, "webhook-timestamp")),
                header(exchange, "webhook-signature"),
                header(exchange, "content-type"),
                body));
        if (!given.header().isEmpty()) {
            exchange.getResponseHeaders()
                    .add(given.header().getFirst(), given.header().getLast());
        }
        byte[] bytes = given.body().getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(given.status(), bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    private static String header(HttpExchange exchange, String name) {
        String value = exchange.getRequestHeaders().getFirst(name);
        return value == null ? "" : value;
    }

    String url() {
        return "http://127.0.0.1:" + port() + "/hook";
    }

    int port() {
        return server.getAddress().getPort();
    }

    /** Answers the next request like that. */
    void answer(int status, String body, String... header) {
        answers.add(new Answer(status, body, List.of(header)));
    }

    /** The next one that comes. */
    Received next() throws InterruptedException {
        Received next = received.poll(30, TimeUnit.SECONDS);
        assertThat(next).as("something has come").isNotNull();
        return next;
    }

    /** Waits a while for something that should not come. */
    @Nullable
    Received nextWithin(Duration wait) throws InterruptedException {
        return received.poll(wait.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
