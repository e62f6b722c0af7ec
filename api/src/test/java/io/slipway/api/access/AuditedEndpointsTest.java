package io.slipway.api.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.api.testing.ApiClient;
import io.slipway.api.testing.RunningService;
import io.slipway.api.testing.ServiceExtension;
import io.slipway.api.testing.Tenant;
import io.slipway.db.access.Role;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** Whatever changes something is in the audit log: every address of the service that is not only read stands in this table. */
@ExtendWith(ServiceExtension.class)
final class AuditedEndpointsTest {
    private static final String NOT_AUDITED = "";

    private static final Map<String, String> ACTIONS = Map.ofEntries(
            Map.entry("POST /v1/builds", "build.submitted"),
            Map.entry("POST /v1/builds/{id}/cancel", "build.cancelled"),
            Map.entry("POST /v1/builds/{id}/retry", "build.retried"),
            Map.entry("POST /v1/projects", "project.created"),
            Map.entry("PATCH /v1/projects/{name}", "project.changed"),
            Map.entry("DELETE /v1/projects/{name}", "project.deleted"),
            Map.entry("POST /v1/projects/{name}/tokens", "token.created"),
            Map.entry("DELETE /v1/projects/{name}/tokens/{id}", "token.revoked"),
            Map.entry("POST /v1/tokens", "token.created"),
            Map.entry("DELETE /v1/tokens/{id}", "token.revoked"),
            Map.entry("POST /v1/projects/{name}/identities", "identity.created"),
            Map.entry("DELETE /v1/projects/{name}/identities/{id}", "identity.deleted"),
            Map.entry("PUT /v1/projects/{name}/policy", "policy.set"),
            Map.entry("PUT /v1/projects/{name}/secrets/{secret}", "secret.set"),
            Map.entry("DELETE /v1/projects/{name}/secrets/{secret}", "secret.deleted"),
            Map.entry("PUT /v1/projects/{name}/registry-credentials", "registry_credential.set"),
            Map.entry("DELETE /v1/projects/{name}/registry-credentials/{id}", "registry_credential.deleted"),
            Map.entry("POST /v1/keys/reseal", "keys.resealed"),
            Map.entry("POST /v1/projects/{name}/triggers", "trigger.created"),
            Map.entry("PATCH /v1/projects/{name}/triggers/{id}", "trigger.changed"),
            Map.entry("DELETE /v1/projects/{name}/triggers/{id}", "trigger.deleted"),
            Map.entry("POST /v1/projects/{name}/triggers/{id}/secret", "trigger.secret_replaced"),
            Map.entry("DELETE /v1/projects/{name}/triggers/{id}/secret/previous", "trigger.previous_secret_dropped"),
            Map.entry("POST /v1/projects/{name}/triggers/{id}/deliveries/{delivery}/redeliver", "delivery.redelivered"),
            Map.entry("POST /v1/projects/{name}/registry-hooks", "registry_hook.created"),
            Map.entry("DELETE /v1/projects/{name}/registry-hooks/{id}", "registry_hook.deleted"),
            Map.entry("POST /v1/webhooks/registry/{hook}", NOT_AUDITED),
            Map.entry("POST /v1/projects/{name}/webhooks", "webhook.created"),
            Map.entry("PATCH /v1/projects/{name}/webhooks/{id}", "webhook.changed"),
            Map.entry("DELETE /v1/projects/{name}/webhooks/{id}", "webhook.deleted"),
            Map.entry("POST /v1/projects/{name}/webhooks/{id}/secret", "webhook.secret_replaced"),
            Map.entry("POST /v1/projects/{name}/webhooks/{id}/messages/{message}/redeliver", "message.redelivered"),
            // What can't be done here, without workers that have cached anything and without a store.
            Map.entry("DELETE /v1/cache-mounts/{id}", NOT_AUDITED),
            Map.entry("POST /v1/storage/collect", NOT_AUDITED),
            // Contexts are data: what is built of them is in the log.
            Map.entry("POST /v1/contexts", NOT_AUDITED),
            Map.entry("PUT /v1/contexts/{id}/files", NOT_AUDITED),
            Map.entry("DELETE /v1/contexts/{id}", NOT_AUDITED),
            // Changes nothing.
            Map.entry("POST /v1/dockerfiles/check", NOT_AUDITED),
            Map.entry("* /v2/**", NOT_AUDITED),
            // Deliveries have a log of their own, and their builds are in this one; what workers report is the build.
            Map.entry("POST /v1/webhooks/{host}/{trigger}", NOT_AUDITED),
            Map.entry("POST /internal/v1/claim", NOT_AUDITED),
            Map.entry("POST /internal/v1/builds/{id}/events", NOT_AUDITED));

    static List<Endpoint> changing() {
        return Endpoints.TABLE.stream()
                .filter(endpoint -> !endpoint.method().equals("GET"))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("changing")
    void whatChangesSomethingIsWrittenDownWithWhoDidIt(Endpoint endpoint, RunningService service) throws IOException {
        assertThat(ACTIONS).containsKey(endpoint.toString());
        String action = Objects.requireNonNull(ACTIONS.get(endpoint.toString()));
        if (action.equals(NOT_AUDITED)) {
            return;
        }
        Tenant tenant = Tenant.in(service);
        boolean ofAll = endpoint.needs() == Endpoint.Needs.EVERYWHERE;
        ApiClient client = ofAll ? service.client() : tenant.as(Role.ADMIN);
        String actor = client.get("/v1/caller").json().path("id").stringValue();
        String before = newest(service);

        ApiClient.Answer answer = endpoint.ask(client, tenant);

        assertThat(answer.status()).as(answer.text()).isBetween(200, 299);
        List<JsonNode> entries = entries(service, before);
        assertThat(entries)
                .as("entries by %s", actor)
                .filteredOn(entry -> entry.path("action").stringValue().equals(action)
                        && entry.path("actor").path("id").asString("").equals(actor)
                        && entry.path("requestId").stringValue().equals(answer.header("X-Request-Id")))
                .singleElement()
                .satisfies(entry -> {
                    assertThat(entry.path("outcome").stringValue()).isEqualTo("done");
                    assertThat(entry.path("actor").path("address").stringValue())
                            .isEqualTo("127.0.0.1");
                    assertThat(entry.toString()).doesNotContain("slp_", "whsec_", "\"value\"");
                });
    }

    private static String newest(RunningService service) throws IOException {
        return service.client()
                .get("/v1/audit?limit=1")
                .json()
                .path("entries")
                .path(0)
                .path("id")
                .stringValue();
    }

    private static List<JsonNode> entries(RunningService service, String behind) throws IOException {
        List<JsonNode> entries = new ArrayList<>();
        for (JsonNode entry : service.client().get("/v1/audit?limit=100").json().path("entries")) {
            if (entry.path("id").stringValue().compareTo(behind) > 0) {
                entries.add(entry);
            }
        }
        return entries;
    }
}
