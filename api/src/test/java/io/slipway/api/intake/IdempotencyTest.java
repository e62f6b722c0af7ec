package io.slipway.api.intake;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.api.testing.ApiClient;
import io.slipway.api.testing.ApiClient.Answer;
import io.slipway.api.testing.Multipart;
import io.slipway.api.testing.RunningService;
import io.slipway.api.testing.ServiceExtension;
import io.slipway.api.testing.Tars;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

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
        int contexts = service.contexts().size();
        Answer second = client.post("/v1/builds?tag=a", Tars.gzip(tar), KEY, key);
        Multipart parts = new Multipart().field("build", "{\"tag\": \"a\"}").file("context", "application/x-tar", tar);
        Answer third = client.post("/v1/builds", parts.bytes(), "Content-Type", parts.contentType(), KEY, key);
        for (Answer answer : new Answer[] {second, third}) {
            assertThat(answer.status()).isEqualTo(202);
            assertThat(answer.response().body()).isEqualTo(first.response().body());
            assertThat(answer.header("Location")).isEqualTo(first.header("Location"));
        }
        assertThat(service.contexts()).hasSize(contexts);
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

    @Test
    void whileTheFirstIsBeingSentTheSecondIsToldSo() throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), service.port())) {
            OutputStream out = socket.getOutputStream();
            out.write(("POST /v1/builds HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + service.token()
                            + "\r\nExpect: 100-continue\r\nContent-Length: " + tar.length + "\r\n" + KEY + ": " + key
                            + "\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            out.flush();
            // The service asks for the body when it begins to read it, and by then it holds the key.
            InputStream in = socket.getInputStream();
            assertThat(new String(in.readNBytes(12), StandardCharsets.US_ASCII)).isEqualTo("HTTP/1.1 100");
            Answer second = client.post("/v1/builds", tar, KEY, key);
            assertThat(second.status()).isEqualTo(409);
            assertThat(second.json().path("type").stringValue()).isEqualTo("/problems/idempotency-running");
        }
    }
}
