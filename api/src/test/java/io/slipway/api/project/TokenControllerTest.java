package io.slipway.api.project;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.slipway.api.testing.ApiClient;
import io.slipway.api.testing.RunningService;
import io.slipway.api.testing.ServiceExtension;
import io.slipway.api.testing.Tenant;
import io.slipway.db.Database;
import io.slipway.db.access.Role;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

@ExtendWith(ServiceExtension.class)
final class TokenControllerTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @Test
    void aTokenIsShownOnceAndKeptAsAHash(RunningService service) throws IOException {
        Tenant tenant = Tenant.in(service);
        ApiClient.Answer made = tenant.as(Role.ADMIN)
                .postJson(tokens(tenant), "{\"name\": \"ci\", \"role\": \"builder\", \"expiresIn\": \"90d\"}");
        assertThat(made.status()).as(made.text()).isEqualTo(201);
        assertThat(made.header("Cache-Control")).contains("no-store");
        String token = made.json().path("token").stringValue();
        String id = made.json().path("id").stringValue();
        assertThat(token)
                .matches("slp_[A-Za-z0-9_-]{43}")
                .startsWith(made.json().path("prefix").stringValue());
        assertThat(Instant.parse(made.json().path("expiresAt").stringValue()))
                .isBetween(
                        Instant.now().plus(Duration.ofDays(89)), Instant.now().plus(Duration.ofDays(91)));
        assertThat(made.header("Location")).isEqualTo(service.url() + tokens(tenant) + "/" + id);

        ApiClient.Answer shown = tenant.as(Role.ADMIN).get(tokens(tenant) + "/" + id);
        assertThat(shown.json().has("token")).isFalse();
        assertThat(shown.json().path("createdBy").stringValue())
                .isEqualTo(tenant.as(Role.ADMIN)
                        .get("/v1/caller")
                        .json()
                        .path("id")
                        .stringValue());
        assertThat(tenant.as(Role.ADMIN).get(tokens(tenant)).text())
                .contains(id)
                .doesNotContain(token);
        boolean stored = service.part(Database.class)
                .inTransaction(transaction -> transaction
                        .first(
                                "select true as found from tokens where tokens::text like '%' || ? || '%'",
                                row -> row.flag("found"), token.substring(12))
                        .isPresent());
        assertThat(stored).isFalse();
    }

    private static String tokens(Tenant tenant) {
        return "/v1/projects/" + tenant.project() + "/tokens";
    }

    private static ApiClient.Answer delete(ApiClient client, String address) throws IOException {
        return client.send("DELETE", address, BodyPublishers.noBody());
    }

    @Test
    void aRevokedTokenIsNotValidFromThenOn(RunningService service) throws IOException {
        Tenant tenant = Tenant.in(service);
        String id = tenant.as(Role.BUILDER).get("/v1/caller").json().path("id").stringValue();
        assertThat(delete(tenant.as(Role.ADMIN), tokens(tenant) + "/" + id).status())
                .isEqualTo(204);
        ApiClient.Answer refused = tenant.as(Role.BUILDER).get("/v1/builds");
        assertThat(refused.status()).isEqualTo(401);
        assertThat(refused.json().path("detail").stringValue()).contains("revoked");
        assertThat(refused.header("WWW-Authenticate")).contains("invalid_token").contains("revoked");
        assertThat(delete(tenant.as(Role.ADMIN), tokens(tenant) + "/" + id).status())
                .isEqualTo(404);
        assertThat(tenant.as(Role.ADMIN).get(tokens(tenant) + "/" + id).status())
                .isEqualTo(404);
    }

    @Test
    void whoFollowsALogIsCutOffWhenItsTokenIsRevoked(RunningService service) throws Exception {
        Tenant tenant = Tenant.in(service);
        String build = tenant.queuedBuild();
        ApiClient viewer = tenant.as(Role.VIEWER);
        String id = viewer.get("/v1/caller").json().path("id").stringValue();
        try (ExecutorService followers = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<ApiClient.Answer> log =
                    followers.submit(() -> viewer.get("/v1/builds/" + build + "/logs?follow=true&format=ndjson"));
            Future<ApiClient.Answer> waiting = followers.submit(() -> viewer.get("/v1/builds/" + build + "?wait=3s"));
            assertThat(delete(tenant.as(Role.ADMIN), tokens(tenant) + "/" + id).status())
                    .isEqualTo(204);
            assertThat(waiting.get(LIMIT.toSeconds(), TimeUnit.SECONDS).status())
                    .isEqualTo(401);
            // The build stays queued: the log would not end by itself.
            assertThat(log.get(LIMIT.toSeconds(), TimeUnit.SECONDS).status()).isIn(200, 401);
        }
    }

    @Test
    void aTokenMayLookAtItselfAndRevokeItself(RunningService service) throws IOException {
        Tenant tenant = Tenant.in(service);
        ApiClient viewer = tenant.as(Role.VIEWER);
        String own = tokens(tenant) + "/"
                + viewer.get("/v1/caller").json().path("id").stringValue();
        assertThat(viewer.get(own).json().path("role").stringValue()).isEqualTo("viewer");
        assertThat(delete(viewer, own).status()).isEqualTo(204);
        assertThat(viewer.get(own).status()).isEqualTo(401);
    }

    @Test
    void anExpiredTokenIsNotValid(RunningService service) throws IOException {
        Tenant tenant = Tenant.in(service);
        JsonNode made = tenant.as(Role.ADMIN)
                .postJson(tokens(tenant), "{\"name\": \"short\", \"role\": \"viewer\", \"expiresIn\": \"1h\"}")
                .json();
        ApiClient client = new ApiClient(service.url(), made.path("token").stringValue());
        assertThat(client.get("/v1/caller").status()).isEqualTo(200);
        service.part(Database.class)
                .run(transaction -> transaction.update(
                        "update tokens set expires_at = now() - interval '1 second' where id = ?",
                        made.path("id").stringValue()));
        ApiClient.Answer refused = client.get("/v1/caller");
        assertThat(refused.status()).isEqualTo(401);
        assertThat(refused.json().path("detail").stringValue()).contains("expired");
    }

    @Test
    void nobodyGrantsMoreThanItHasNorForLonger(RunningService service) throws IOException {
        Tenant tenant = Tenant.in(service);
        for (Role role : new Role[] {Role.VIEWER, Role.BUILDER, Role.MAINTAINER}) {
            assertThat(tenant.as(role)
                            .postJson(tokens(tenant), "{\"name\": \"x\", \"role\": \"viewer\"}")
                            .status())
                    .isEqualTo(403);
        }
        JsonNode hour = tenant.as(Role.ADMIN)
                .postJson(tokens(tenant), "{\"name\": \"hour\", \"role\": \"admin\", \"expiresIn\": \"1h\"}")
                .json();
        ApiClient client = new ApiClient(service.url(), hour.path("token").stringValue());
        ApiClient.Answer longer =
                client.postJson(tokens(tenant), "{\"name\": \"longer\", \"role\": \"viewer\", \"expiresIn\": \"2h\"}");
        assertThat(longer.status()).isEqualTo(403);
        ApiClient.Answer unlimited = client.postJson(tokens(tenant), "{\"name\": \"x\", \"role\": \"viewer\"}");
        assertThat(unlimited.json().path("expiresAt")).isEqualTo(hour.path("expiresAt"));

        ApiClient.Answer builder =
                service.client().postJson("/v1/tokens", "{\"name\": \"all\", \"role\": \"builder\"}");
        assertThat(builder.status()).isEqualTo(201);
        assertThat(builder.json().has("project")).isFalse();
        ApiClient all =
                new ApiClient(service.url(), builder.json().path("token").stringValue());
        assertThat(all.get("/v1/projects/" + tenant.project())
                        .json()
                        .path("role")
                        .stringValue())
                .isEqualTo("builder");
        assertThat(all.get(tokens(tenant)).status()).isEqualTo(403);
        assertThat(all.postJson("/v1/tokens", "{\"name\": \"x\", \"role\": \"viewer\"}")
                        .status())
                .isEqualTo(403);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"role\": \"viewer\"}",
                "{\"name\": \"x\"}",
                "{\"name\": \"x\", \"role\": \"owner\"}",
                "{\"name\": \"x\", \"role\": \"viewer\", \"expires\": \"1h\"}",
                "{\"name\": \"x\", \"role\": \"viewer\", \"expiresIn\": \"1y\"}",
                "{\"name\": \"x\", \"role\": \"viewer\", \"expiresIn\": \"0s\"}",
                "{\"name\": \"x\", \"role\": \"viewer\", \"expiresIn\": \"999999999d\"}",
                "{\"name\": \"x\", \"role\": \"viewer\", \"expiresIn\": 3600}",
                "{\"name\": \"x\", \"role\": \"viewer\", \"expiresAt\": \"2020-01-01T00:00:00Z\"}",
                "{\"name\": \"x\", \"role\": \"viewer\", \"expiresAt\": \"tomorrow\"}",
                "{\"name\": \"x\", \"role\": \"viewer\", \"expiresIn\": \"1h\", \"expiresAt\": \"2030-01-01T00:00:00Z\"}"
            })
    void whatCanNotBeATokenIsRefused(String json, RunningService service) throws IOException {
        assertThat(service.client().postJson("/v1/tokens", json).status()).isEqualTo(400);
        assertThat(service.client()
                        .postJson("/v1/projects/nobodys/tokens", json)
                        .status())
                .isEqualTo(404);
    }

    @Test
    void thatATokenIsUsedIsNotedSoonAndSeldom(RunningService service) throws IOException {
        Tenant tenant = Tenant.in(service);
        String own = tenant.as(Role.BUILDER).get("/v1/caller").json().path("id").stringValue();
        String address = tokens(tenant) + "/" + own;
        await().atMost(LIMIT)
                .until(() -> tenant.as(Role.ADMIN).get(address).json().has("lastUsedAt"));
        String noted =
                tenant.as(Role.ADMIN).get(address).json().path("lastUsedAt").stringValue();
        service.part(Database.class)
                .run(transaction -> transaction.update(
                        "update tokens set last_used_at = last_used_at - interval '2 minutes' where id = ?", own));
        tenant.as(Role.BUILDER).get("/v1/builds");
        await().atMost(LIMIT)
                .until(() -> !tenant.as(Role.ADMIN)
                                .get(address)
                                .json()
                                .path("lastUsedAt")
                                .stringValue()
                                .equals(noted)
                        && Instant.parse(tenant.as(Role.ADMIN)
                                        .get(address)
                                        .json()
                                        .path("lastUsedAt")
                                        .stringValue())
                                .isAfter(Instant.parse(noted)));
    }
}
