package io.slipway.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.acceptance.fixture.BuildContext;
import io.slipway.acceptance.fixture.Programs;
import io.slipway.acceptance.fixture.SlipwayClient;
import io.slipway.acceptance.fixture.SlipwayClient.Answer;
import io.slipway.acceptance.fixture.TestBed;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Two projects on one machine: what one of them has built, cached and kept is nothing to the other. */
@ExtendWith(TestBed.Extension.class)
final class TenantTest {
    @TempDir
    private Path folder;

    private record Tenant(String project, SlipwayClient client, String token) {
        static Tenant in(TestBed bed) {
            String project = "tenant-" + UUID.randomUUID();
            SlipwayClient admin = bed.client();
            assertThat(post(admin, "/v1/projects", "{\"name\": \"" + project + "\"}")
                            .status())
                    .isEqualTo(201);
            Answer made =
                    post(admin, "/v1/projects/" + project + "/tokens", "{\"name\": \"t\", \"role\": \"maintainer\"}");
            String token = made.json().get("token").asString();
            return new Tenant(project, new SlipwayClient(bed.service().url(), token), token);
        }

        JsonNode build(BuildContext context) {
            return client.succeed(context, "project", project);
        }
    }

    private static Answer post(SlipwayClient client, String path, String json) {
        return client.send(
                client.request(path).header("Content-Type", "application/json").POST(BodyPublishers.ofString(json)));
    }

    @Test
    void stepsAndCacheMountsOfOneProjectAreNothingToAnother(TestBed bed) {
        Tenant one = Tenant.in(bed);
        Tenant other = Tenant.in(bed);
        // The step asks for a cache mount of the same id in both projects, and would fail where it finds the other's
        // file.
        try (BuildContext context = BuildContext.of("FROM busybox:1.35\nRUN --mount=type=cache,id=shared,target=/cache"
                + " test ! -e /cache/mine && touch /cache/mine && echo " + UUID.randomUUID() + "\n")) {
            one.build(context);
            JsonNode second = other.build(context);
            assertThat(second.get("steps").toString()).doesNotContain("\"cached\"");
            assertThat(one.build(context).get("steps").toString()).contains("\"cached\"");
        }
        String own = mount(one);
        assertThat(mount(other)).isNotEqualTo(own);
        assertThat(other.client()
                        .get("/v1/cache-mounts?project=" + one.project())
                        .status())
                .isEqualTo(404);
        assertThat(other.client().delete("/v1/cache-mounts/" + own).status()).isEqualTo(404);
        assertThat(mount(one)).isEqualTo(own);
    }

    /** The only cache mount that a tenant sees. */
    private static String mount(Tenant tenant) {
        JsonNode mounts = tenant.client().get("/v1/cache-mounts").json().get("cacheMounts");
        assertThat(mounts.size()).isEqualTo(1);
        assertThat(mounts.get(0).get("project").asString()).isEqualTo(tenant.project());
        return mounts.get(0).get("id").asString();
    }

    @Test
    void aRegistryClientPullsItsProjectsImagesOnly(TestBed bed) {
        Tenant one = Tenant.in(bed);
        Tenant other = Tenant.in(bed);
        try (BuildContext context = BuildContext.of("FROM scratch\nCOPY Dockerfile /" + UUID.randomUUID() + "\n")) {
            String name = "docker://" + one.build(context).get("pullName").asString();
            assertThat(pull(name, one.token(), "own").status()).isZero();
            assertThat(pull(name, other.token(), "other").status()).isNotZero();
            assertThat(pull(name, "slp_wrong", "nobody").status()).isNotZero();
        }
    }

    private Programs.Result pull(String name, String token, String to) {
        return Programs.tryRun(
                "skopeo",
                "copy",
                "--src-tls-verify=false",
                "--src-creds",
                "any:" + token,
                name,
                "oci:" + folder.resolve(to) + ":1");
    }
}
