package io.slipway.api.access;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.api.testing.TestService;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class AuthenticationTest {
    private final TestService service = TestService.shared();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v1",
                "/v1/builds",
                "/v1/builds/bld_x/logs",
                "/actuator/prometheus",
                "/actuator/health/../prometheus",
                "/actuator/health/..;/prometheus",
                "/actuator/health/%2e%2e/prometheus",
                "/problems/..;/v1",
                "/nowhere",
                "/"
            })
    void withoutATokenNobodyGetsIn(String path) {
        HttpResponse<String> refused = service.send(HttpRequest.newBuilder(java.net.URI.create(service.url() + path)));
        assertThat(refused.statusCode()).isIn(400, 401);
        if (refused.statusCode() == 401) {
            assertThat(refused.headers().firstValue("WWW-Authenticate")).contains("Bearer realm=\"Slipway\"");
            assertThat(refused.headers().firstValue("Content-Type")).contains("application/problem+json");
            assertThat(TestService.json(refused).get("type").asString()).isEqualTo("/problems/unauthorized");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"Bearer", "Bearer ", "Bearer wrong", "Basic eDp5", "Digest x", "bearer slp_AAAA"})
    void aWrongTokenIsRefused(String authorization) {
        HttpResponse<String> refused = service.send(
                HttpRequest.newBuilder(service.url().resolve("/v1")).header("Authorization", authorization));
        assertThat(refused.statusCode()).isEqualTo(401);
        assertThat(refused.headers().firstValue("WWW-Authenticate"))
                .hasValueSatisfying(challenge -> assertThat(challenge).contains("error=\"invalid_token\""));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/actuator/health", "/actuator/health/liveness", "/actuator/health/readiness"})
    void healthNeedsNoToken(String path) {
        assertThat(service.send(HttpRequest.newBuilder(service.url().resolve(path)))
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void aProblemsTypeCanBeOpenedAndRead() {
        HttpResponse<String> page =
                service.send(HttpRequest.newBuilder(service.url().resolve("/problems/unauthorized")));
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.body()).contains("admin-token");
    }

    @Test
    void theDescriptionOfTheApiNeedsNoToken() throws Exception {
        HttpResponse<String> description =
                service.send(HttpRequest.newBuilder(service.url().resolve("/openapi.yaml")));
        assertThat(description.statusCode()).isEqualTo(200);
        assertThat(description.headers().firstValue("Content-Type")).contains("application/yaml");
        assertThat(description.body()).isEqualTo(Files.readString(Path.of("../openapi.yaml")));
    }

    @Test
    void registryClientsLogInWithAnyUserAndTheTokenAsPassword() {
        HttpResponse<String> refused =
                service.send(HttpRequest.newBuilder(service.url().resolve("/v2/")));
        assertThat(refused.statusCode()).isEqualTo(401);
        assertThat(refused.headers().firstValue("WWW-Authenticate")).contains("Basic realm=\"Slipway\"");
        assertThat(refused.body()).contains("\"UNAUTHORIZED\"");

        String pair = Base64.getEncoder().encodeToString(("anybody:" + service.token()).getBytes(UTF_8));
        assertThat(service.send(HttpRequest.newBuilder(service.url().resolve("/v2/"))
                                .header("Authorization", "Basic " + pair))
                        .statusCode())
                .isNotEqualTo(401);
        assertThat(service.get("/v2/").statusCode()).isNotEqualTo(401);
    }

    @Test
    void theAdministratorsTokenIsForTheServicesUserOnly() throws Exception {
        assertThat(Files.getPosixFilePermissions(service.home().resolve("admin-token")))
                .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }
}
