package io.slipway.api.secret;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.api.testing.TestService;
import io.slipway.db.build.BuildId;
import io.slipway.image.Digest;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The key is changed as docs/operating.md says, and what was encrypted before is there all the time. */
final class KeyRotationTest {
    private static final String OLD = key((byte) 1);
    private static final String NEW = key((byte) 2);

    @TempDir
    private Path folder;

    @Test
    void whatWasEncryptedIsReadWhileTheOldKeyIsThereAndAfterItWasEncryptedAnew() throws IOException {
        String trigger;
        String webhook;
        try (TestService service = start(OLD)) {
            assertThat(send(service, "PUT", "/v1/projects/default/secrets/npmrc", "{\"value\": \"v\"}")
                            .statusCode())
                    .isEqualTo(201);
            HttpResponse<String> made = send(
                    service,
                    "POST",
                    "/v1/projects/default/triggers",
                    "{\"name\": \"app\", \"host\": \"github\", \"repository\": {\"url\": \"https://git.invalid/a.git\"}}");
            assertThat(made.statusCode()).isEqualTo(201);
            trigger = "/v1/projects/default/triggers/"
                    + TestService.json(made).path("id").stringValue();
            assertThat(send(service, "POST", trigger + "/secret", "{}").statusCode())
                    .isEqualTo(200);
            HttpResponse<String> told =
                    send(service, "POST", "/v1/projects/default/webhooks", "{\"url\": \"https://receiver.invalid/\"}");
            assertThat(told.statusCode()).as(told.body()).isEqualTo(201);
            webhook = "/v1/projects/default/webhooks/"
                    + TestService.json(told).path("id").stringValue();
            assertThat(send(service, "POST", webhook + "/secret", "").statusCode())
                    .isEqualTo(200);
            // The secret, of the trigger the document and two secrets, of the webhook two secrets.
            assertThat(texts(keys(service))).containsExactly(6L);
        }
        try (TestService service = start(NEW, OLD)) {
            assertThat(texts(keys(service))).containsExactly(0L, 6L);
            requireSecret(service);
            JsonNode resealed = TestService.json(send(service, "POST", "/v1/keys/reseal", ""));
            assertThat(resealed.path("resealed").intValue()).isEqualTo(6);
            assertThat(texts(resealed.path("keys"))).containsExactly(6L, 0L);
            assertThat(TestService.json(send(service, "POST", "/v1/keys/reseal", ""))
                            .path("resealed")
                            .intValue())
                    .isZero();
            requireSecret(service);
        }
        try (TestService service = start(NEW)) {
            requireSecret(service);
            assertThat(send(service, "PATCH", trigger, "{\"enabled\": false}").statusCode())
                    .isEqualTo(200);
            assertThat(keys(service).path("withUnknownKey").intValue()).isZero();
            assertThat(send(service, "GET", webhook, "").statusCode()).isEqualTo(200);
        }
        try (TestService service = start(OLD)) {
            assertThat(keys(service).path("withUnknownKey").intValue()).isEqualTo(6);
            HttpResponse<String> unreadable = send(service, "PATCH", trigger, "{\"enabled\": true}");
            assertThat(unreadable.statusCode()).isEqualTo(503);
            assertThat(unreadable.body()).contains("/problems/key-unknown");
            BuildId build = service.submitWithSecrets("default", Map.of("npmrc", "npmrc"), "secret npmrc");
            assertThat(service.ended(build).at("/error/code").stringValue()).isEqualTo("secret_missing");
            assertThat(TestService.json(send(service, "POST", "/v1/keys/reseal", ""))
                            .path("resealed")
                            .intValue())
                    .isZero();
        }
    }

    private TestService start(String... keys) throws IOException {
        Path file = folder.resolve("keys");
        Files.writeString(file, String.join("\n", keys) + "\n");
        return TestService.start(folder.resolve("home"), "--slipway.secret-key-file=" + file);
    }

    private static void requireSecret(TestService service) {
        BuildId build = service.submitWithSecrets("default", Map.of("npmrc", "npmrc"), "secret npmrc");
        service.ended(build);
        assertThat(service.get("/v1/builds/" + build + "/logs").body())
                .contains(Digest.of("v".getBytes(UTF_8)).hex());
    }

    private static JsonNode keys(TestService service) {
        return TestService.json(service.get("/v1/keys"));
    }

    private static Iterable<Long> texts(JsonNode keys) {
        return keys.path("keys")
                .valueStream()
                .map(key -> key.path("texts").longValue())
                .toList();
    }

    private static HttpResponse<String> send(TestService service, String method, String path, String json) {
        return service.send(service.request(path)
                .header("Content-Type", "application/json")
                .method(method, HttpRequest.BodyPublishers.ofString(json)));
    }

    private static String key(byte filling) {
        byte[] key = new byte[32];
        Arrays.fill(key, filling);
        return Base64.getEncoder().encodeToString(key);
    }
}
