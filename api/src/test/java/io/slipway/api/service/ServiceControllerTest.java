package io.slipway.api.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.api.testing.ApiClient.Answer;
import io.slipway.api.testing.OpenApi;
import io.slipway.api.testing.RunningService;
import io.slipway.api.testing.ServiceExtension;
import io.slipway.api.testing.Tars;
import io.slipway.api.testing.Tenant;
import io.slipway.db.access.Role;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

@ExtendWith(ServiceExtension.class)
final class ServiceControllerTest {
    private final RunningService service;
    private final Tenant tenant;

    ServiceControllerTest(RunningService service) throws IOException {
        this.service = service;
        this.tenant = Tenant.in(service);
    }

    private int limit(String name) throws IOException {
        return service.client().get("/v1").json().at("/limits/" + name).intValue();
    }

    @Test
    void everyLimitIsExplained() throws IOException {
        JsonNode explained =
                OpenApi.contract().document().at("/components/schemas/Service/properties/limits/properties");
        assertThat(service.client().get("/v1").json().path("limits").propertyNames())
                .containsExactlyInAnyOrderElementsOf(explained.propertyNames());
    }

    @Test
    void aBuildMayHaveSoManyTagsAndNotOneMore() throws IOException {
        byte[] tar = Tars.dockerfile("FROM scratch\nCOPY Dockerfile /\n").bytes();
        String tags = IntStream.range(0, limit("tags"))
                .mapToObj(number -> "&tag=a:" + number)
                .collect(Collectors.joining());
        String path = "/v1/builds?push=false&project=" + tenant.project() + tags;
        assertThat(tenant.as(Role.BUILDER).post(path, tar).status()).isEqualTo(202);
        Answer more = tenant.as(Role.BUILDER).post(path + "&tag=a:more", tar);
        assertThat(more.status()).isEqualTo(400);
        assertThat(more.json().path("parameter").stringValue()).isEqualTo("tag");
    }

    @Test
    void aBodyOfJsonMayBeSoLargeAndNotLarger() throws IOException {
        String json = "{\"name\": \"x\", \"role\": \"viewer\"}";
        for (int more : new int[] {0, 1}) {
            String body = json + " ".repeat(limit("jsonBytes") - json.length() + more);
            assertThat(service.client()
                            .send(
                                    "POST",
                                    "/v1/projects/" + tenant.project() + "/tokens",
                                    BodyPublishers.ofString(body),
                                    "Content-Type",
                                    "application/json")
                            .status())
                    .isEqualTo(more == 0 ? 201 : 413);
        }
    }
}
