package io.slipway.api.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.api.testing.ApiClient;
import io.slipway.api.testing.ApiClient.Answer;
import io.slipway.api.testing.Multipart;
import io.slipway.api.testing.OpenApi;
import io.slipway.api.testing.RunningService;
import io.slipway.api.testing.ServiceExtension;
import io.slipway.api.testing.Tars;
import io.slipway.api.testing.Tenant;
import io.slipway.db.access.ProjectLimit;
import io.slipway.db.access.Role;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

@ExtendWith(ServiceExtension.class)
final class ProjectLimitsTest {
    private static final byte[] TAR =
            Tars.dockerfile("FROM scratch\nCOPY Dockerfile /\n").bytes();

    private final RunningService service;
    private final Tenant tenant;

    ProjectLimitsTest(RunningService service) throws IOException {
        this.service = service;
        this.tenant = Tenant.in(service);
    }

    @Test
    void theConfiguredLimitsHoldUntilAProjectHasItsOwn() throws IOException {
        JsonNode configured = service.client().get("/v1").json().at("/limits/project");
        assertThat(configured.toString())
                .isEqualTo("{\"queuedBuilds\":10000,\"submitsPerMinute\":1200,\"maxBuildTimeoutMillis\":86400000,"
                        + "\"contextBytes\":67108864,\"buildAgeMillis\":15552000000}");
        JsonNode project = show();
        assertThat(project.path("limits").isEmpty()).isTrue();
        assertThat(project.path("effectiveLimits")).isEqualTo(configured);

        Answer changed = limit("{\"concurrentBuilds\": 3, \"queuedBuilds\": 5}");
        assertThat(changed.status()).isEqualTo(200);
        assertThat(changed.json()).isEqualTo(show());
        assertThat(changed.json().path("limits").toString()).isEqualTo("{\"concurrentBuilds\":3,\"queuedBuilds\":5}");
        assertThat(changed.json().at("/effectiveLimits/queuedBuilds").longValue())
                .isEqualTo(5);
        assertThat(limit("{\"queuedBuilds\": null}").json().path("limits").toString())
                .isEqualTo("{\"concurrentBuilds\":3}");
        assertThat(limit("null").json().path("effectiveLimits")).isEqualTo(configured);
        assertThat(limit("{}").json().path("limits").isEmpty()).isTrue();
    }

    @Test
    void onlyAnAdministratorOfAllProjectsSetsLimits() throws IOException {
        Answer refused = patch(tenant.as(Role.ADMIN), "{\"limits\": {\"queuedBuilds\": 5}, \"description\": \"x\"}");
        assertThat(refused.status()).isEqualTo(403);
        assertThat(show().has("description")).isFalse();
        assertThat(patch(tenant.as(Role.ADMIN), "{\"description\": \"x\"}").status())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'queuedBuild': 1}|parameter-unknown|limits.queuedBuild",
                "{'queuedBuilds': 0}|parameter-invalid|limits.queuedBuilds",
                "{'queuedBuilds': -1}|parameter-invalid|limits.queuedBuilds",
                "{'queuedBuilds': 1.5}|parameter-invalid|limits.queuedBuilds",
                "{'queuedBuilds': \"7\"}|parameter-invalid|limits.queuedBuilds",
                "{'queuedBuilds': 99999999999}|parameter-invalid|limits.queuedBuilds",
                "{'contextBytes': 67108865}|parameter-invalid|limits.contextBytes",
                "{'maxBuildTimeoutMillis': 86400001}|parameter-invalid|limits.maxBuildTimeoutMillis",
                "{'diskBytes': 1048575}|parameter-invalid|limits.diskBytes",
                "{'memoryBytes': 268435456}|parameter-invalid|limits.memoryBytes",
                "{'cpuMillis': 1000}|parameter-invalid|limits.cpuMillis",
                "{'processes': 1000}|parameter-invalid|limits.processes",
                "7|parameter-invalid|limits",
                "[]|parameter-invalid|limits"
            })
    void whatIsNoLimitIsRefused(String limits, String type, String parameter) throws IOException {
        Answer refused = limit(limits.replace('\'', '"'));
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.json().path("type").stringValue()).isEqualTo("/problems/" + type);
        assertThat(refused.json().path("parameter").stringValue()).isEqualTo(parameter);
        assertThat(show().path("limits").isEmpty()).isTrue();
    }

    @Test
    void aFullQueueTakesNoBuildUntilOneHasGone() throws IOException {
        limit("{\"queuedBuilds\": 2}");
        String first = submit("").json().path("id").stringValue();
        Answer keyed = submit("", "Idempotency-Key", "k");
        assertThat(keyed.status()).isEqualTo(202);
        var before = service.contexts();

        for (Answer full : List.of(submit(""), submit("", "Idempotency-Key", "other"))) {
            assertThat(full.status()).isEqualTo(429);
            assertThat(full.json().path("type").stringValue()).isEqualTo("/problems/queue-full");
            assertThat(full.json().path("limit").longValue()).isEqualTo(2);
            assertThat(Integer.parseInt(full.header("Retry-After"))).isPositive();
        }
        assertThat(submit("", "Idempotency-Key", "k").text())
                .as("what was accepted before is answered as before")
                .isEqualTo(keyed.text());
        service.requireNothingKept(before);

        tenant.as(Role.BUILDER).post("/v1/builds/" + first + "/cancel", new byte[0]);
        assertThat(submit("").status()).isEqualTo(202);
        assertThat(Tenant.in(service).queuedBuild()).isNotEmpty();
    }

    @Test
    void moreThanAProjectMaySubmitIsRefusedUntilTimeHasPassed() throws IOException {
        limit("{\"submitsPerMinute\": 4}");
        assertThat(submit("").header("RateLimit")).isEqualTo("\"submits\";r=3;t=15");
        assertThat(submit("").header("RateLimit-Policy")).isEqualTo("\"submits\";q=4;w=60");
        Multipart parts = new Multipart()
                .field("build", "{\"project\": \"" + tenant.project() + "\"}")
                .file("context", "application/x-tar", TAR);
        assertThat(tenant.as(Role.BUILDER)
                        .post("/v1/builds", parts.bytes(), "Content-Type", parts.contentType())
                        .header("RateLimit"))
                .as("each request counts once, whatever its form")
                .startsWith("\"submits\";r=1;");
        assertThat(submit("&priority=x").status()).isEqualTo(400);
        Answer wrong = tenant.as(Role.BUILDER)
                .post(
                        "/v1/builds?project=" + tenant.project(),
                        Tars.dockerfile("FRM").bytes());
        assertThat(wrong.status()).isEqualTo(422);
        assertThat(wrong.header("RateLimit")).startsWith("\"submits\";r=0;");

        var before = service.contexts();
        Answer refused = submit("");
        assertThat(refused.status()).isEqualTo(429);
        assertThat(refused.json().path("type").stringValue()).isEqualTo("/problems/rate-limited");
        assertThat(Integer.parseInt(refused.header("Retry-After"))).isBetween(1, 15);
        assertThat(refused.header("RateLimit")).startsWith("\"submits\";r=0;t=");
        service.requireNothingKept(before);
        assertThat(Tenant.in(service).queuedBuild()).isNotEmpty();
    }

    @Test
    void noBuildMayTakeLongerThanItsProjectsBuildsMay() throws IOException {
        limit("{\"maxBuildTimeoutMillis\": 60000}");
        assertThat(submit("").json().path("timeoutMillis").longValue()).isEqualTo(60_000);
        assertThat(submit("&timeout=1m").status()).isEqualTo(202);
        Answer refused = submit("&timeout=61s");
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.json().path("parameter").stringValue()).isEqualTo("timeout");
    }

    @Test
    void noContextMayBeLargerThanItsProjectsMayBe() throws IOException {
        limit("{\"contextBytes\": " + TAR.length + "}");
        byte[] large = Tars.dockerfile("FROM scratch\nCOPY . /\n")
                .file("large", new byte[TAR.length])
                .bytes();
        ApiClient client = tenant.as(Role.BUILDER);
        var before = service.contexts();
        Multipart late = new Multipart()
                .file("context", "application/x-tar", large)
                .field("build", "{\"project\": \"" + tenant.project() + "\"}");
        Multipart named = new Multipart()
                .field("build", "{\"project\": \"" + tenant.project() + "\"}")
                .file("context", "application/x-tar", TAR)
                .file("context.lib", "application/x-tar", large);
        for (Answer refused : List.of(
                client.post("/v1/builds?project=" + tenant.project(), large),
                client.post("/v1/builds?project=" + tenant.project(), Tars.gzip(large)),
                client.post("/v1/builds", late.bytes(), "Content-Type", late.contentType()),
                client.post("/v1/builds", named.bytes(), "Content-Type", named.contentType()))) {
            assertThat(refused.status()).isEqualTo(413);
            assertThat(refused.json().path("code").stringValue()).isEqualTo("context_too_large");
        }
        service.requireNothingKept(before);
        assertThat(submit("").status()).isEqualTo(202);
    }

    @Test
    void aBuildThatWaitsSaysWhereItStands() throws IOException {
        String id = submit("").json().path("id").stringValue();
        JsonNode build = tenant.as(Role.VIEWER).get("/v1/builds/" + id).json();
        assertThat(build.at("/queue/reason").stringValue()).isEqualTo("machine");
        assertThat(build.path("reason").stringValue()).contains("No workers are started here");
        assertThat(build.at("/queue/position").longValue()).isPositive();
        assertThat(build.path("queue").has("expectedStartAt")).isFalse();
    }

    @Test
    void theContractHasEveryLimit() {
        List<String> names =
                Arrays.stream(ProjectLimit.values()).map(ProjectLimit::wireName).toList();
        JsonNode schemas = OpenApi.contract().document().at("/components/schemas");
        assertThat(List.copyOf(schemas.at("/ProjectLimits/properties").propertyNames()))
                .isEqualTo(names);
        assertThat(List.copyOf(schemas.at("/ProjectChange/properties/limits/properties")
                        .propertyNames()))
                .isEqualTo(names);
    }

    private Answer submit(String query, String... headers) throws IOException {
        return tenant.as(Role.BUILDER).post("/v1/builds?project=" + tenant.project() + query, TAR, headers);
    }

    private JsonNode show() throws IOException {
        return service.client().get("/v1/projects/" + tenant.project()).json();
    }

    private Answer limit(String limits) throws IOException {
        return patch(service.client(), "{\"limits\": " + limits + "}");
    }

    private Answer patch(ApiClient client, String json) throws IOException {
        return client.send(
                "PATCH",
                "/v1/projects/" + tenant.project(),
                BodyPublishers.ofString(json),
                "Content-Type",
                "application/json");
    }
}
