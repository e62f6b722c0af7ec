package io.slipway.api.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.api.testing.ApiClient;
import io.slipway.api.testing.RunningService;
import io.slipway.api.testing.ServiceExtension;
import io.slipway.api.testing.Tenant;
import io.slipway.db.access.Role;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

@ExtendWith(ServiceExtension.class)
final class AuditControllerTest {
    private static String log(Tenant tenant) {
        return "/v1/projects/" + tenant.project() + "/audit";
    }

    private static List<String> actions(ApiClient.Answer answer) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return answer.json().path("entries").values().stream()
                .map(entry -> entry.path("action").stringValue())
                .toList();
    }

    @Test
    void aProjectsLogHasWhatWasDoneInItAndNothingElse(RunningService service) throws IOException {
        Tenant tenant = Tenant.in(service);
        Tenant other = Tenant.in(service);
        String secret = "/v1/projects/" + tenant.project() + "/secrets/npmrc";
        assertThat(tenant.as(Role.MAINTAINER)
                        .putJson(secret, "{\"value\": \"t0p-s3cret\"}")
                        .status())
                .isEqualTo(201);
        String build = tenant.queuedBuild();
        assertThat(other.as(Role.MAINTAINER)
                        .putJson("/v1/projects/" + other.project() + "/secrets/others", "{\"value\": \"x\"}")
                        .status())
                .isEqualTo(201);

        ApiClient.Answer answer = tenant.as(Role.ADMIN).get(log(tenant));
        assertThat(actions(answer))
                .containsExactly(
                        "build.submitted",
                        "secret.set",
                        "token.created",
                        "token.created",
                        "token.created",
                        "token.created",
                        "project.created");
        assertThat(answer.text()).doesNotContain("t0p-s3cret", "others", other.project());
        JsonNode submitted = answer.json().path("entries").path(0);
        assertThat(submitted.path("object").stringValue()).isEqualTo(build);
        JsonNode set = answer.json().path("entries").path(1);
        assertThat(set.path("object").stringValue()).isEqualTo("npmrc");
        assertThat(set.path("details").path("version").stringValue()).isEqualTo("1");
        assertThat(set.path("actor").path("kind").stringValue()).isEqualTo("token");
        assertThat(set.path("actor").path("name").stringValue()).isEqualTo("of a test");

        assertThat(other.as(Role.ADMIN).get(log(tenant)).status()).isEqualTo(404);
        assertThat(other.as(Role.ADMIN).get("/v1/audit").status()).isEqualTo(403);
    }

    @Test
    void itComesInPagesThatLeadOn(RunningService service) throws IOException {
        Tenant tenant = Tenant.in(service);
        List<String> seen = new ArrayList<>();
        String path = log(tenant) + "?limit=2&action=token.created,project.created";
        int pages = 0;
        while (!path.isEmpty()) {
            ApiClient.Answer answer = tenant.as(Role.ADMIN).get(path);
            seen.addAll(actions(answer));
            String link = answer.header("Link");
            path = link.isEmpty()
                    ? ""
                    : link.substring(1, link.indexOf('>'))
                            .substring(service.url().length());
            pages++;
        }
        assertThat(pages).isEqualTo(3);
        assertThat(seen)
                .containsExactly("token.created", "token.created", "token.created", "token.created", "project.created");
    }

    @Test
    void itIsFilteredByActorActionAndTime(RunningService service) throws IOException {
        Tenant tenant = Tenant.in(service);
        tenant.queuedBuild();
        ApiClient admin = tenant.as(Role.ADMIN);
        String builder =
                tenant.as(Role.BUILDER).get("/v1/caller").json().path("id").stringValue();
        assertThat(actions(admin.get(log(tenant) + "?actor=" + builder))).containsExactly("build.submitted");
        assertThat(actions(admin.get(log(tenant) + "?action=project.created"))).containsExactly("project.created");
        assertThat(actions(admin.get(log(tenant) + "?until=2020-01-01T00:00:00Z")))
                .isEmpty();
        assertThat(actions(admin.get(log(tenant) + "?since=2020-01-01T00:00:00Z")))
                .hasSize(6);

        ApiClient.Answer unknown = admin.get(log(tenant) + "?action=token.create");
        assertThat(unknown.status()).isEqualTo(400);
        assertThat(unknown.json().path("hint").stringValue()).isEqualTo("did you mean token.created?");
        assertThat(admin.get(log(tenant) + "?since=yesterday").status()).isEqualTo(400);
        assertThat(admin.get(log(tenant) + "?project=x").status()).isEqualTo(400);
    }

    @Test
    void theServicesAdministratorSeesAlsoDeletedProjects(RunningService service) throws IOException {
        Tenant tenant = Tenant.in(service);
        ApiClient admin = service.client();
        assertThat(admin.send("DELETE", "/v1/projects/" + tenant.project(), BodyPublishers.noBody())
                        .status())
                .isEqualTo(204);
        assertThat(admin.get(log(tenant)).status()).isEqualTo(404);
        assertThat(actions(admin.get("/v1/audit?limit=1&project=" + tenant.project())))
                .containsExactly("project.deleted");
    }

    @Test
    void everyAnswerHasTheIdOfItsRequest(RunningService service) throws IOException {
        ApiClient client = service.client();
        assertThat(client.get("/v1").header("X-Request-Id")).matches("req_[0-9a-z]{26}");
        assertThat(client.get("/v1", "X-Request-Id", "from-a-proxy:1").header("X-Request-Id"))
                .isEqualTo("from-a-proxy:1");
        assertThat(client.get("/v1", "X-Request-Id", "two words").header("X-Request-Id"))
                .startsWith("req_");
        assertThat(new ApiClient(service.url(), null).get("/v1").header("X-Request-Id"))
                .startsWith("req_");
    }
}
