package io.slipway.api.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.api.testing.ApiClient;
import io.slipway.api.testing.RunningService;
import io.slipway.api.testing.ServiceExtension;
import io.slipway.api.testing.Tenant;
import io.slipway.db.access.Role;
import io.slipway.db.audit.Actor;
import io.slipway.db.audit.AuditLog;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

@ExtendWith(ServiceExtension.class)
final class RefusedAccessTest {
    private static final String REFUSED = "action=access.refused";

    private static List<JsonNode> entries(ApiClient client, String path) throws IOException {
        ApiClient.Answer answer = client.get(path);
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return List.copyOf(answer.json().path("entries").values());
    }

    private static int sum(List<JsonNode> entries) {
        return entries.stream()
                .mapToInt(entry -> entry.path("count").intValue())
                .sum();
    }

    @Test
    void whatSomebodyMayNotDoIsSeenByTheProjectsAdministrators(RunningService service) throws IOException {
        Tenant tenant = Tenant.in(service);
        Tenant stranger = Tenant.in(service);
        for (int i = 0; i < 3; i++) {
            assertThat(tenant.as(Role.VIEWER)
                            .putJson("/v1/projects/" + tenant.project() + "/secrets/npmrc", "{\"value\": \"s3cret\"}")
                            .status())
                    .isEqualTo(403);
        }
        service.part(RefusedAccess.class).write();

        String log = "/v1/projects/" + tenant.project() + "/audit?" + REFUSED;
        List<JsonNode> entries = entries(tenant.as(Role.ADMIN), log);
        JsonNode entry = entries.getFirst();
        assertThat(entry.path("outcome").stringValue()).isEqualTo("refused");
        // More than one if they were written down meanwhile, as they are twice a minute.
        assertThat(sum(entries)).isEqualTo(3);
        assertThat(entry.path("actor").path("id").stringValue())
                .isEqualTo(tenant.as(Role.VIEWER)
                        .get("/v1/caller")
                        .json()
                        .path("id")
                        .stringValue());
        assertThat(entry.path("details").path("status").stringValue()).isEqualTo("403");
        assertThat(entry.path("details").path("method").stringValue()).isEqualTo("PUT");
        assertThat(entry.path("details").path("path").stringValue()).endsWith("/secrets/npmrc");
        assertThat(entry.toString()).doesNotContain("s3cret");
        assertThat(stranger.as(Role.ADMIN).get(log).status()).isEqualTo(404);
        assertThat(tenant.as(Role.MAINTAINER).get(log).status()).isEqualTo(403);
    }

    @Test
    void aTokenThatWasRevokedIsKnownByItsId(RunningService service) throws IOException {
        Tenant tenant = Tenant.in(service);
        ApiClient revoked = tenant.as(Role.BUILDER);
        String id = revoked.get("/v1/caller").json().path("id").stringValue();
        assertThat(revoked.send(
                                "DELETE",
                                "/v1/projects/" + tenant.project() + "/tokens/" + id,
                                java.net.http.HttpRequest.BodyPublishers.noBody())
                        .status())
                .isEqualTo(204);
        assertThat(revoked.get("/v1/builds").status()).isEqualTo(401);
        service.part(RefusedAccess.class).write();

        assertThat(entries(tenant.as(Role.ADMIN), "/v1/projects/" + tenant.project() + "/audit?actor=" + id))
                .extracting(entry -> entry.path("action").stringValue())
                .containsExactly("access.refused", "token.revoked");
    }

    @Test
    void aTokenThatNobodyKnowsIsNotWrittenDown(RunningService service) throws IOException {
        String token = AccessTokens.createForCaller();
        assertThat(new ApiClient(service.url(), token).get("/v1/builds").status())
                .isEqualTo(401);
        service.part(RefusedAccess.class).write();

        assertThat(entries(service.client(), "/v1/audit?" + REFUSED))
                .anySatisfy(entry -> {
                    assertThat(entry.path("actor").path("kind").stringValue()).isEqualTo("unknown");
                    assertThat(entry.path("actor").path("address").stringValue())
                            .isEqualTo("127.0.0.1");
                    assertThat(entry.path("details").path("status").stringValue())
                            .isEqualTo("401");
                })
                .noneSatisfy(entry -> assertThat(entry.toString()).contains(token.substring(0, 10)));
    }

    @Test
    void registryClientsThatBeginWithoutATokenAreNotRefused(RunningService service) throws IOException {
        RefusedAccess refused = service.part(RefusedAccess.class);
        refused.write();
        String before = service.client()
                .get("/v1/audit?limit=1")
                .json()
                .path("entries")
                .path(0)
                .path("id")
                .stringValue();
        assertThat(new ApiClient(service.url(), null).get("/v2/").status()).isEqualTo(401);
        refused.write();

        assertThat(entries(service.client(), "/v1/audit?limit=1"))
                .extracting(entry -> entry.path("id").stringValue())
                .containsExactly(before);
    }

    @Test
    void aFloodIsAFewEntries(RunningService service) throws IOException {
        service.part(RefusedAccess.class).write();
        List<JsonNode> before = entries(service.client(), "/v1/audit?limit=1&" + REFUSED);
        // One of its own, which nobody else makes write while it is being flooded.
        try (RefusedAccess refused = new RefusedAccess(service.part(AuditLog.class))) {
            for (int i = 0; i < 500; i++) {
                Actor flooding = new Actor(Actor.Kind.UNKNOWN, null, null, "2001:db8::" + i % 250, null);
                refused.note(flooding, null, 401, "GET", "/" + "x".repeat(1000) + i);
            }
        }

        List<JsonNode> entries = entries(service.client(), "/v1/audit?limit=100&" + REFUSED).stream()
                .takeWhile(entry -> !before.contains(entry))
                .filter(entry -> entry.path("details").path("path").asString("").startsWith("/xxx")
                        || entry.path("details").has("of"))
                .toList();
        assertThat(entries).hasSize(RefusedAccess.MOST_KINDS + 1);
        assertThat(sum(entries)).isEqualTo(500);
        assertThat(entries)
                .allSatisfy(entry -> assertThat(entry.toString().length()).isLessThan(1000));
    }
}
