package io.slipway.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.acceptance.fixture.BuildContext;
import io.slipway.acceptance.fixture.LyingRegistry;
import io.slipway.acceptance.fixture.Programs;
import io.slipway.acceptance.fixture.SlipwayClient;
import io.slipway.acceptance.fixture.SlipwayClient.Answer;
import io.slipway.acceptance.fixture.TestBed;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.util.UUID;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
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

    /** What names somebody else's image: by its layer, by its layer's content, by its manifest. */
    @ParameterizedTest
    @ValueSource(strings = {"layer", "content", "manifest"})
    void whoKnowsADigestHasNothingByIt(String way, TestBed bed) throws IOException {
        Tenant one = Tenant.in(bed);
        Tenant other = Tenant.in(bed);
        String secret = "secret-" + UUID.randomUUID();
        try (LyingRegistry liar = new LyingRegistry();
                BuildContext context = BuildContext.of("FROM busybox:1.35\nRUN echo " + secret + " >/mine\n");
                BuildContext theft = BuildContext.of("FROM " + liar.image("1") + "\nRUN [\"cat\", \"/mine\"]\n");
                BuildContext unread = BuildContext.of("FROM " + liar.image("1") + "\nLABEL a=b\n")) {
            String id = one.build(context).get("id").asString();
            String repository = "/v2/" + one.project() + "/" + id;
            Answer manifest = one.client()
                    .get(repository + "/manifests/"
                            + one.client().show(id).get("digest").asString());
            String config = manifest.json().at("/config/digest").asString();
            JsonNode diffIds =
                    one.client().get(repository + "/blobs/" + config).json().at("/rootfs/diff_ids");
            JsonNode layer = manifest.json().get("layers").get(diffIds.size() - 1);
            String digest = layer.get("digest").asString();
            String mediaType = layer.get("mediaType").asString();
            String diffId = diffIds.get(diffIds.size() - 1).asString();
            switch (way) {
                case "layer" ->
                    liar.image("1", digest, mediaType, layer.get("size").asLong(), diffId);
                case "content" -> {
                    byte[] own = emptyLayer();
                    liar.image("1", liar.blob(own), mediaType, own.length, diffId);
                }
                default ->
                    liar.index(
                            "1",
                            one.client().show(id).get("digest").asString(),
                            manifest.body().length());
            }
            JsonNode failed = other.client().build(theft, "project", other.project(), "push", "false");
            assertThat(failed.get("state").asString()).isEqualTo("failed");
            assertThat(other.client().logs(failed.get("id").asString())).doesNotContain(secret);
            JsonNode kept = other.client().build(unread, "project", other.project(), "push", "false");
            String theirs = "/v2/" + other.project() + "/" + kept.get("id").asString();
            assertThat(other.client().get(theirs + "/blobs/" + digest).status()).isNotEqualTo(200);
            assertThat(other.client()
                            .get("/v1/builds/" + kept.get("id").asString() + "/image?format=rootfs")
                            .body())
                    .doesNotContain(secret);
            assertThat(liar.requests()).isNotEmpty();
            // Whose it is has it still.
            assertThat(one.client().get(repository + "/blobs/" + digest).status())
                    .isEqualTo(200);
        }
    }

    /** A tar of nothing, compressed. */
    private static byte[] emptyLayer() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(new byte[1024]);
        }
        return bytes.toByteArray();
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
