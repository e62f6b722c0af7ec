package io.slipway.api.intake;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.slipway.api.testing.ApiClient;
import io.slipway.api.testing.ApiClient.Answer;
import io.slipway.api.testing.Multipart;
import io.slipway.api.testing.RawAnswer;
import io.slipway.api.testing.RunningService;
import io.slipway.api.testing.ServiceExtension;
import io.slipway.api.testing.Tars;
import io.slipway.db.Database;
import io.slipway.db.access.Begun;
import io.slipway.db.access.IdempotencyKeys;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(ServiceExtension.class)
final class IdempotencyTest {
    private static final String KEY = "Idempotency-Key";

    private final RunningService service;
    private final ApiClient client;
    private final byte[] tar =
            Tars.dockerfile("FROM scratch\nCOPY Dockerfile /\n").bytes();
    private final String key = UUID.randomUUID().toString();

    IdempotencyTest(RunningService service) throws IOException {
        this.service = service;
        this.client = service.client();
    }

    @Test
    void theSameRequestGetsTheFirstAnswerByteForByte() throws IOException {
        Answer first = client.post("/v1/builds?tag=a", tar, KEY, key);
        var before = service.contexts();
        Answer second = client.post("/v1/builds?tag=a", Tars.gzip(tar), KEY, key);
        Multipart parts = new Multipart().field("build", "{\"tag\": \"a\"}").file("context", "application/x-tar", tar);
        Answer third = client.post("/v1/builds", parts.bytes(), "Content-Type", parts.contentType(), KEY, key);
        for (Answer answer : new Answer[] {second, third}) {
            assertThat(answer.status()).isEqualTo(202);
            assertThat(answer.response().body()).isEqualTo(first.response().body());
            assertThat(answer.header("Location")).isEqualTo(first.header("Location"));
        }
        service.requireNothingKept(before);
    }

    @Test
    void anotherRequestWithTheSameKeyIsRefused() throws IOException {
        assertThat(client.post("/v1/builds", tar, KEY, key).status()).isEqualTo(202);
        Answer otherOptions = client.post("/v1/builds?noCache", tar, KEY, key);
        assertThat(otherOptions.status()).isEqualTo(422);
        assertThat(otherOptions.json().path("type").stringValue()).isEqualTo("/problems/idempotency-mismatch");
        byte[] other = Tars.dockerfile("FROM scratch\nCOPY . /\n").bytes();
        assertThat(client.post("/v1/builds", other, KEY, key).status()).isEqualTo(422);
    }

    @Test
    void aRefusedRequestDoesNotUseUpItsKey() throws IOException {
        byte[] wrong = Tars.dockerfile("FRM scratch\n").bytes();
        assertThat(client.post("/v1/builds", wrong, KEY, key).status()).isEqualTo(422);
        assertThat(client.post("/v1/builds", tar, KEY, key).status()).isEqualTo(202);
    }

    @Test
    void aKeyMustBeOne() throws IOException {
        assertThat(client.post("/v1/builds", tar, KEY, "a b").status()).isEqualTo(400);
        assertThat(client.post("/v1/builds", tar, KEY, "x".repeat(256)).status())
                .isEqualTo(400);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "POST /v1/projects",
                "POST /v1/tokens",
                "POST /v1/contexts",
                "POST /v1/dockerfiles/check",
                "POST /v1/storage/collect",
                "POST /v1/projects/default/triggers",
                "PATCH /v1/projects/default",
            })
    void whereAKeyHasNoEffectItIsRefused(String call) throws IOException {
        String[] words = call.split(" ");
        Answer answer = client.send(
                words[0], words[1], BodyPublishers.ofString("{}"), "Content-Type", "application/json", KEY, key);
        assertThat(answer.status()).as(answer.text()).isEqualTo(400);
        assertThat(answer.json().path("type").stringValue()).isEqualTo("/problems/parameter-invalid");
        assertThat(answer.json().path("parameter").stringValue()).isEqualTo(KEY);
        assertThat(answer.json().path("hint").stringValue()).contains("POST /v1/builds", "POST /v1/builds/{id}/retry");
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST /v1/webhooks/github/trg_none", "POST /v1/nowhere", "GET /v1/projects"})
    void whatIsNoCallToRepeatMayHaveAKey(String call) throws IOException {
        String[] words = call.split(" ");
        assertThat(client.send(words[0], words[1], BodyPublishers.noBody(), KEY, key)
                        .status())
                .isIn(200, 404);
    }

    @Test
    void aRequestThatTookTooLongMakesNoSecondBuild() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        Instant[] since = new Instant[1];
        server.createContext("/", exchange -> {
            try (exchange) {
                since[0] = takeKey();
                exchange.sendResponseHeaders(200, tar.length);
                exchange.getResponseBody().write(tar);
            }
        });
        server.start();
        try {
            String body = "{\"context\": {\"http\": {\"url\": \"http://127.0.0.1:"
                    + server.getAddress().getPort() + "/context.tar\"}}, \"label\": {\"key\": \"" + key + "\"}}";
            Answer slow = client.postJson("/v1/builds", body, KEY, key);
            assertThat(slow.status()).as(slow.text()).isEqualTo(409);
            assertThat(slow.json().path("type").stringValue()).isEqualTo("/problems/idempotency-running");
            long builds = service.part(Database.class)
                    .inTransaction(transaction -> transaction
                            .first(
                                    "select count(*) as builds from builds where options::text like ?",
                                    row -> row.number("builds"),
                                    "%" + key + "%")
                            .orElseThrow());
            assertThat(builds).isZero();
            // The other request has the key still: storing its answer would come to nothing otherwise.
            assertThat(service.part(IdempotencyKeys.class)
                            .answer("default", key, since[0], new Begun.Answered(202, "{}", new byte[0])))
                    .isTrue();
        } finally {
            server.stop(0);
        }
    }

    /** As another service does when the hold is over; returns since when it has the key. */
    private Instant takeKey() {
        byte[] hash = service.part(Database.class)
                .inTransaction(transaction -> transaction
                        .first(
                                "update idempotency_keys set held_until = clock_timestamp() - interval '1 second' where key = ? returning request_hash",
                                row -> row.bytes("request_hash"),
                                key)
                        .orElseThrow());
        return ((Begun.First) service.part(IdempotencyKeys.class).begin("default", key, hash, Duration.ofMinutes(1)))
                .since();
    }

    @Test
    void whileTheFirstIsBeingSentTheSecondIsToldSo() throws IOException {
        var before = service.contexts();
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), service.port())) {
            OutputStream out = socket.getOutputStream();
            out.write(("POST /v1/builds HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + service.token()
                            + "\r\nExpect: 100-continue\r\nContent-Length: " + tar.length + "\r\n" + KEY + ": " + key
                            + "\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            out.flush();
            // The service asks for the body when it begins to read it, and by then it holds the key.
            RawAnswer.awaitContinue(socket.getInputStream());
            Answer second = client.post("/v1/builds", tar, KEY, key);
            assertThat(second.status()).isEqualTo(409);
            assertThat(second.json().path("type").stringValue()).isEqualTo("/problems/idempotency-running");
        }
        service.requireNothingKept(before);
    }
}
