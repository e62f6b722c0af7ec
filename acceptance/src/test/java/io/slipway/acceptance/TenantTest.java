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
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.zip.GZIPOutputStream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Two projects on one machine, and two scopes of a project: what one of them has built, cached and kept is nothing to the other. */
@ExtendWith(TestBed.Extension.class)
final class TenantTest {
    @TempDir
    private Path folder;

    private record Tenant(String project, @Nullable String scope, SlipwayClient client, String token) {
        static Tenant in(TestBed bed) {
            String project = "tenant-" + UUID.randomUUID();
            SlipwayClient admin = bed.client();
            assertThat(post(admin, "/v1/projects", "{\"name\": \"" + project + "\"}")
                            .status())
                    .isEqualTo(201);
            Answer made =
                    post(admin, "/v1/projects/" + project + "/tokens", "{\"name\": \"t\", \"role\": \"maintainer\"}");
            String token = made.json().get("token").asString();
            return new Tenant(project, null, new SlipwayClient(bed.service().url(), token), token);
        }

        /** Builds of the same project that it does not trust. */
        Tenant scope(String name) {
            return new Tenant(project, name, client, token);
        }

        JsonNode build(BuildContext context) {
            return client.succeed(context, options());
        }

        String[] options(String... others) {
            List<String> options = new ArrayList<>(List.of("project", project));
            if (scope != null) {
                options.addAll(List.of("cacheScope", scope));
            }
            options.addAll(List.of(others));
            return options.toArray(String[]::new);
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

    /** The cache mounts that a tenant sees; what is listed may have been measured a moment ago. */
    private static JsonNode mounts(Tenant tenant, int count) {
        return Awaitility.await("the cache mounts are listed")
                .atMost(Duration.ofMinutes(1))
                .until(
                        () -> tenant.client().get("/v1/cache-mounts").json().get("cacheMounts"),
                        mounts -> mounts.size() == count);
    }

    /** The only cache mount that a tenant sees. */
    private static String mount(Tenant tenant) {
        JsonNode mounts = mounts(tenant, 1);
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

    @Test
    void scopesOfAProjectShareNeitherStepsNorCacheMounts(TestBed bed) {
        Tenant own = Tenant.in(bed);
        Tenant fork = own.scope("fork.7");
        Tenant another = own.scope("fork.8");
        String mine = UUID.randomUUID().toString();
        // Each of them finds the mount as if nobody had been there, whoever comes first.
        try (BuildContext context = BuildContext.of("FROM busybox:1.35\nRUN --mount=type=cache,id=shared,target=/cache"
                + " test ! -e /cache/poison && touch /cache/poison && echo " + mine + "\n")) {
            for (Tenant tenant : List.of(fork, own, another)) {
                JsonNode first = tenant.build(context);
                assertThat(first.get("steps").toString()).doesNotContain("\"cached\"");
                assertThat(first.path("cacheScope").asString("none"))
                        .isEqualTo(tenant.scope() == null ? "none" : tenant.scope());
            }
            for (Tenant tenant : List.of(fork, own, another)) {
                assertThat(tenant.build(context).get("steps").toString()).contains("\"cached\"");
            }
        }
        JsonNode mounts = mounts(own, 3);
        List<String> scopes = new ArrayList<>();
        for (JsonNode mount : mounts) {
            assertThat(mount.get("project").asString()).isEqualTo(own.project());
            scopes.add(mount.path("cacheScope").asString("none"));
        }
        assertThat(scopes).containsExactlyInAnyOrder("none", "fork.7", "fork.8");
    }

    @Test
    void anImageOfAScopeIsPulledByTheProjectAndBuiltOnInTheScopeOnly(TestBed bed) {
        Tenant own = Tenant.in(bed);
        Tenant fork = own.scope("fork.7");
        try (BuildContext context = BuildContext.of("FROM busybox:1.35\nCOPY Dockerfile /" + UUID.randomUUID() + "\n");
                BuildContext on = BuildContext.of("FROM base\nRUN true\n")) {
            JsonNode built = fork.build(context);
            String id = built.get("id").asString();
            assertThat(pull("docker://" + built.get("pullName").asString(), own.token(), "scoped")
                            .status())
                    .isZero();
            assertThat(own.client()
                            .get("/v1/builds/" + id + "/image?format=rootfs")
                            .status())
                    .isEqualTo(200);
            assertThat(fork.client()
                            .succeed(on, fork.options("buildContext", "base=slipway://" + id))
                            .get("state")
                            .asString())
                    .isEqualTo("succeeded");
            for (Tenant tenant : List.of(own, own.scope("fork.8"))) {
                Answer refused = tenant.client()
                        .post(on.tar(), "application/x-tar", tenant.options("buildContext", "base=slipway://" + id));
                assertThat(refused.status()).as(refused.body()).isEqualTo(422);
                assertThat(refused.json().get("code").asString()).isEqualTo("context_unreachable");
                assertThat(refused.json().get("detail").asString()).contains("cacheScope fork.7");
            }
        }
    }

    /** What names somebody else's image (by its layer, by its layer's content, by its manifest), in another project and in a scope of the same. */
    @ParameterizedTest
    @CsvSource({
        "layer, project",
        "content, project",
        "manifest, project",
        "layer, scope",
        "content, scope",
        "manifest, scope"
    })
    void whoKnowsADigestHasNothingByIt(String way, String of, TestBed bed) throws IOException {
        Tenant one = Tenant.in(bed);
        Tenant other = of.equals("scope") ? one.scope("fork.7") : Tenant.in(bed);
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
            JsonNode failed = other.client().build(theft, other.options("push", "false"));
            assertThat(failed.get("state").asString()).isEqualTo("failed");
            assertThat(other.client().logs(failed.get("id").asString())).doesNotContain(secret);
            JsonNode kept = other.client().build(unread, other.options("push", "false"));
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
