package io.slipway.api.intake;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.api.testing.ApiClient;
import io.slipway.api.testing.Manifest;
import io.slipway.api.testing.RawAnswer;
import io.slipway.api.testing.RunningService;
import io.slipway.api.testing.ServiceExtension;
import io.slipway.api.testing.Tars;
import io.slipway.api.testing.Tenant;
import io.slipway.db.access.Role;
import io.slipway.image.Digest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.Random;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/** What is seen of uploads while they go on, and of what came in the end. */
@ExtendWith(ServiceExtension.class)
final class RunningUploadsTest {
    private final RunningService service;
    private final Tenant tenant;
    private final String token;

    RunningUploadsTest(RunningService service) throws IOException {
        this.service = service;
        this.tenant = Tenant.in(service);
        this.token = Tenant.token(service.client(), tenant.project(), Role.BUILDER);
    }

    private Socket half(String request, byte[] body, String... lines) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), service.port());
        String head = request + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + token + "\r\nContent-Length: "
                + body.length + "\r\n" + String.join("", lines) + "\r\n";
        socket.getOutputStream().write(head.getBytes(ISO_8859_1));
        socket.getOutputStream().write(body, 0, body.length / 2);
        socket.getOutputStream().flush();
        return socket;
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(1).nextBytes(bytes);
        return bytes;
    }

    private JsonNode running(ApiClient client, String query) throws IOException {
        return client.get("/v1/uploads" + query).json().path("uploads");
    }

    private JsonNode awaitHalf(ApiClient seer, byte[] body) {
        return Awaitility.await("half of it has come")
                .atMost(Duration.ofSeconds(30))
                .until(
                        () -> running(seer, "?project=" + tenant.project()),
                        uploads -> uploads.size() == 1
                                && uploads.get(0).path("receivedBytes").longValue() == body.length / 2)
                .get(0);
    }

    @Test
    void howMuchHasComeIsSeenByTheProjectAloneAsLongAsItComes() throws IOException {
        byte[] tar =
                Tars.dockerfile("FROM scratch\n").file("data", random(400_000)).bytes();
        ApiClient viewer = tenant.as(Role.VIEWER);
        String target = "/v1/builds?project=" + tenant.project();
        try (Socket socket =
                half("POST " + target, tar, "Content-Type: application/x-tar\r\nX-Request-Id: upload-1\r\n")) {
            JsonNode upload = awaitHalf(viewer, tar);
            assertThat(upload.path("announcedBytes").longValue()).isEqualTo(tar.length);
            assertThat(upload.path("request").stringValue()).isEqualTo("upload-1");
            assertThat(upload.path("path").stringValue()).isEqualTo("/v1/builds");
            assertThat(upload.path("project").stringValue()).isEqualTo(tenant.project());
            Tenant other = Tenant.in(service);
            assertThat(running(other.as(Role.ADMIN), "").size()).isZero();
            assertThat(other.as(Role.ADMIN)
                            .get("/v1/uploads?project=" + tenant.project())
                            .status())
                    .isEqualTo(404);
            socket.getOutputStream().write(tar, tar.length / 2, tar.length - tar.length / 2);
            assertThat(RawAnswer.read("POST", target, socket.getInputStream()).status())
                    .isEqualTo(202);
            Awaitility.await("it is over")
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> running(viewer, "").isEmpty());
        }
    }

    @Test
    void contentsOfAContextAreCountedToo() throws IOException {
        byte[] content = random(400_000);
        ApiClient.Answer made =
                new Manifest(tenant.project()).file("data", content).post(tenant.as(Role.BUILDER));
        byte[] tar = new Tars().file(Digest.of(content).hex(), content).bytes();
        try (Socket _ = half(
                "PUT /v1/contexts/" + made.json().path("id").stringValue() + "/files",
                tar,
                "Content-Type: application/x-tar\r\n")) {
            assertThat(awaitHalf(tenant.as(Role.VIEWER), tar).path("path").stringValue())
                    .endsWith("/files");
        }
    }

    @Test
    void whoseOptionsAreNotReadYetIsSeenByItsSender() throws IOException {
        String begin = "--b\r\nContent-Disposition: form-data; name=\"context\"\r\n\r\n";
        byte[] body = (begin + "x".repeat(begin.length())).getBytes(ISO_8859_1);
        try (Socket _ = half("POST /v1/builds", body, "Content-Type: multipart/form-data; boundary=b\r\n")) {
            ApiClient sender = new ApiClient(service.url(), token);
            Awaitility.await("its sender sees it")
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> running(sender, "").size() == 1);
            assertThat(running(sender, "").get(0).has("project")).isFalse();
            assertThat(running(tenant.as(Role.ADMIN), "").size()).isZero();
            assertThat(running(service.client(), "").size()).isPositive();
        }
    }

    @Test
    void aBuildSaysWhatItsContextIsFullOf() throws IOException {
        Tars tars = Tars.dockerfile("FROM scratch\nCOPY . /\n");
        for (int i = 0; i < 3; i++) {
            tars.file("node_modules/p" + i + "/index.js", random(20_000));
        }
        tars.file("main.js", random(5_000));
        for (int i = 0; i < 12; i++) {
            tars.file("f" + i, new byte[i]);
        }
        ApiClient.Answer answer = tenant.as(Role.BUILDER).post("/v1/builds?project=" + tenant.project(), tars.bytes());
        assertThat(answer.status()).as(answer.text()).isEqualTo(202);
        String build = answer.json().path("id").stringValue();
        JsonNode context =
                tenant.as(Role.VIEWER).get("/v1/builds/" + build).json().path("context");
        assertThat(context.path("files").intValue()).isEqualTo(17);
        JsonNode largest = context.path("largest");
        assertThat(largest.size()).isEqualTo(10);
        assertThat(largest.get(0).toString()).isEqualTo("{\"path\":\"node_modules\",\"bytes\":60000,\"files\":3}");
        assertThat(largest.get(1).toString()).isEqualTo("{\"path\":\"main.js\",\"bytes\":5000,\"files\":1}");
        assertThat(tenant.as(Role.VIEWER).get("/builds/" + build).text()).contains("node_modules (60.0 kB)");
    }
}
