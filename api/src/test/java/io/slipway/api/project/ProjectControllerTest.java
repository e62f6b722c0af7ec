package io.slipway.api.project;

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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(ServiceExtension.class)
final class ProjectControllerTest {
    @Test
    void aProjectIsMadeShownDescribedAndDeleted(RunningService service) throws IOException {
        ApiClient admin = service.client();
        ApiClient.Answer made =
                admin.postJson("/v1/projects", "{\"name\": \"shown\", \"description\": \"What team A builds\"}");
        assertThat(made.status()).isEqualTo(201);
        assertThat(made.header("Location")).isEqualTo(service.url() + "/v1/projects/shown");
        assertThat(made.json().path("createdBy").stringValue()).startsWith("tok_");
        assertThat(made.json().path("role").stringValue()).isEqualTo("admin");
        assertThat(admin.get("/v1/projects/shown").text()).isEqualTo(made.text());

        assertThat(patch(admin, "shown", "{}").text()).isEqualTo(made.text());
        assertThat(patch(admin, "shown", "{\"description\": \"x\"}")
                        .json()
                        .path("description")
                        .stringValue())
                .isEqualTo("x");
        assertThat(patch(admin, "shown", "{\"description\": null}").json().has("description"))
                .isFalse();
        ApiClient.Answer renamed = patch(admin, "shown", "{\"name\": \"other\"}");
        assertThat(renamed.status()).isEqualTo(400);
        assertThat(renamed.json().path("type").stringValue()).isEqualTo("/problems/parameter-unknown");

        assertThat(delete(admin, "shown").status()).isEqualTo(204);
        assertThat(delete(admin, "shown").status()).isEqualTo(404);
        assertThat(admin.get("/v1/projects/shown").status()).isEqualTo(404);
        ApiClient.Answer again = admin.postJson("/v1/projects", "{\"name\": \"shown\"}");
        assertThat(again.status()).isEqualTo(409);
        assertThat(again.json().path("detail").stringValue()).contains("not given again");
    }

    private static ApiClient.Answer patch(ApiClient client, String project, String json) throws IOException {
        return client.send(
                "PATCH", "/v1/projects/" + project, BodyPublishers.ofString(json), "Content-Type", "application/json");
    }

    private static ApiClient.Answer delete(ApiClient client, String project) throws IOException {
        return client.send("DELETE", "/v1/projects/" + project, BodyPublishers.noBody());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"name\": \"\"}",
                "{\"name\": \"Upper\"}",
                "{\"name\": \"a/b\"}",
                "{\"name\": \"..\"}",
                "{\"name\": \"-a\"}",
                "{\"name\": 1}",
                "{\"name\": \"a\", \"nmae\": \"b\"}",
                "{\"name\": \"a\", \"description\": \"two\\nlines\"}",
                "{\"name\": \"0123456789012345678901234567890123456789012345678901234567890123456789\"}",
                "not json",
                "[]",
                ""
            })
    void whatCanNotBeAProjectIsRefused(String json, RunningService service) throws IOException {
        assertThat(service.client().postJson("/v1/projects", json).status()).isEqualTo(400);
    }

    @Test
    void aNameIsOneProjects(RunningService service) throws IOException {
        ApiClient.Answer taken = service.client().postJson("/v1/projects", "{\"name\": \"default\"}");
        assertThat(taken.status()).isEqualTo(409);
        assertThat(taken.json().path("type").stringValue()).isEqualTo("/problems/project-exists");
        assertThat(delete(service.client(), "default").status()).isEqualTo(409);
    }

    @Test
    void aProjectWithBuildsToDoIsNotDeletedAndADeletedOneIsClosedToItsTokens(RunningService service)
            throws IOException {
        Tenant tenant = Tenant.in(service);
        String build = tenant.queuedBuild();
        ApiClient.Answer busy = delete(service.client(), tenant.project());
        assertThat(busy.status()).isEqualTo(409);
        assertThat(busy.json().path("type").stringValue()).isEqualTo("/problems/project-in-use");
        tenant.as(Role.BUILDER).post("/v1/builds/" + build + "/cancel", new byte[0]);
        assertThat(delete(service.client(), tenant.project()).status()).isEqualTo(204);
        assertThat(tenant.as(Role.VIEWER).get("/v1/builds/" + build).status()).isEqualTo(401);
        assertThat(service.client()
                        .get("/v1/projects/" + tenant.project() + "/tokens")
                        .status())
                .isEqualTo(404);
    }

    @Test
    void listsComeInPages(RunningService service) throws IOException {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            names.add(Tenant.in(service).project());
        }
        List<String> found = new ArrayList<>();
        String next = "/v1/projects?limit=2";
        while (!next.isEmpty()) {
            ApiClient.Answer page = service.client().get(next);
            page.json()
                    .path("projects")
                    .forEach(project -> found.add(project.path("name").stringValue()));
            String address = page.json().path("next").asString("");
            assertThat(page.header("Link")).isEqualTo(address.isEmpty() ? "" : "<" + address + ">; rel=\"next\"");
            next = address.replace(service.url(), "");
        }
        assertThat(found).isSorted().doesNotHaveDuplicates().containsAll(names).contains("default");
        assertThat(service.client().get("/v1/projects?limt=2").status()).isEqualTo(400);
        assertThat(service.client().get("/v1/projects?cursor=!").status()).isEqualTo(400);
    }
}
