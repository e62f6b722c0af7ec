package io.slipway.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.acceptance.fixture.OciImage;
import io.slipway.acceptance.fixture.Registry;
import io.slipway.acceptance.fixture.SlipwayClient;
import io.slipway.acceptance.fixture.SlipwayClient.Answer;
import io.slipway.acceptance.fixture.SlipwayService;
import io.slipway.acceptance.fixture.TestBed;
import io.slipway.remote.testing.GitHttpServer;
import io.slipway.remote.testing.GitRepositories;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.Repository;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** A BuildConfig of OpenShift, translated as docs/migrating.md says, makes the image that it would make there. */
@ExtendWith(TestBed.Extension.class)
final class BuildConfigTest {
    private static final String CONFIG = """
            kind: BuildConfig
            apiVersion: build.openshift.io/v1
            metadata: {name: app}
            spec:
              source:
                git: {uri: "GIT/app.git", ref: release}
                contextDir: service
                secrets: [{secret: {name: npmrc}}]
              strategy:
                dockerStrategy:
                  dockerfilePath: docker/Dockerfile.release
                  buildArgs: [{name: VERSION, value: "1.2"}]
                  noCache: true
                  forcePull: true
                  imageOptimizationPolicy: SkipLayers
              output:
                to: {kind: DockerImage, name: "IMAGE"}
                imageLabels: [{name: org.example.team, value: a}]
              completionDeadlineSeconds: 600
            """;

    private static Path folder;
    private static GitHttpServer git;
    private static SlipwayService service;

    @BeforeAll
    static void start(TestBed bed) throws IOException {
        folder = TestBed.folder("slipway-migrated-");
        try (Repository repository = GitRepositories.create(folder.resolve("git/app.git"))) {
            ObjectId release = commit(repository, "refs/heads/release", "of the release", null);
            commit(repository, "refs/heads/main", "of the tip", release);
        }
        git = GitHttpServer.open(folder.resolve("git"));
        service = SlipwayService.start(folder.resolve("home"), bed.bases(), Map.of("context.denied-networks", ""));
    }

    private static ObjectId commit(Repository repository, String ref, String content, @Nullable ObjectId parent)
            throws IOException {
        return new GitRepositories.Commit(repository)
                .file("Dockerfile", "FROM scratch\nCOPY wrong /\n")
                .file("service/app", content)
                .file("service/docker/Dockerfile.release", """
                        FROM busybox:1.35
                        ARG VERSION
                        RUN --mount=type=secret,id=npmrc echo "$VERSION, $(wc -c < /run/secrets/npmrc)" > /made
                        COPY app /
                        """)
                .commit(ref, parent, Instant.EPOCH);
    }

    @AfterAll
    static void stop() {
        service.close();
        git.close();
        TestBed.remove(folder);
    }

    /** The table, row by row. */
    private static Map<String, Object> translated(JsonNode spec) {
        JsonNode strategy = spec.at("/strategy/dockerStrategy");
        assertThat(strategy.get("imageOptimizationPolicy").asString()).isEqualTo("SkipLayers");
        Map<String, Object> build = new LinkedHashMap<>();
        build.put(
                "context",
                Map.of(
                        "git",
                        Map.of(
                                "url", spec.at("/source/git/uri").asString(),
                                "ref", spec.at("/source/git/ref").asString(),
                                "subdirectory", spec.at("/source/contextDir").asString())));
        build.put("secret", List.of(spec.at("/source/secrets/0/secret/name").asString()));
        build.put("dockerfile", strategy.get("dockerfilePath").asString());
        build.put("buildArg", pairs(strategy.get("buildArgs")));
        build.put("noCache", strategy.get("noCache").asBoolean());
        build.put("pull", strategy.get("forcePull").asBoolean());
        build.put("layers", "flat");
        build.put("tag", spec.at("/output/to/name").asString());
        build.put("label", pairs(spec.at("/output/imageLabels")));
        build.put("timeout", spec.get("completionDeadlineSeconds").asInt() + "s");
        return build;
    }

    private static Map<String, String> pairs(JsonNode list) {
        return list.valueStream()
                .collect(Collectors.toMap(
                        pair -> pair.get("name").asString(),
                        pair -> pair.get("value").asString()));
    }

    @Test
    void aBuildConfigThatIsTranslatedByTheTableIsBuiltAndRetried(TestBed bed) throws IOException {
        SlipwayClient client = service.client();
        Answer kept = client.send(client.request("/v1/projects/default/secrets/npmrc")
                .header("Content-Type", "application/json")
                .PUT(BodyPublishers.ofString("{\"value\": \"0123456789\"}")));
        assertThat(kept.status()).as(kept.body()).isEqualTo(201);
        String config = CONFIG.replace("GIT", git.url()).replace("IMAGE", name(bed));
        Map<String, Object> options =
                translated(new YAMLMapper().readTree(config).get("spec"));

        Answer submitted = client.post(
                BodyPublishers.ofString(JsonMapper.shared().writeValueAsString(options)), "application/json");
        assertThat(submitted.status()).as(submitted.body()).isEqualTo(202);
        JsonNode build = assertMade(client, submitted.json(), bed);
        assertThat(build.get("timeoutMillis").asLong()).isEqualTo(600_000);
        assertThat(build.get("dockerfile").asString()).isEqualTo("docker/Dockerfile.release");

        // oc start-build --from-build
        Answer retried = client.post("/v1/builds/" + build.get("id").asString() + "/retry");
        assertThat(retried.status()).as(retried.body()).isEqualTo(202);
        JsonNode again = assertMade(client, retried.json(), bed);
        assertThat(again.get("retryOf")).isEqualTo(build.get("id"));
        for (String input : List.of("context", "dockerfile", "tags", "timeoutMillis", "bases")) {
            assertThat(again.get(input)).as(input).isEqualTo(build.get(input));
        }
    }

    private static String name(TestBed bed) {
        return bed.target().host() + "/team/migrated:" + OciImage.TAG;
    }

    private static JsonNode assertMade(SlipwayClient client, JsonNode submitted, TestBed bed) throws IOException {
        String id = submitted.get("id").asString();
        JsonNode build = client.await(id);
        assertThat(build.get("state").asString()).as(client.logs(id)).isEqualTo("succeeded");
        assertThat(build.get("steps")
                        .valueStream()
                        .map(step -> step.get("state").asString()))
                .as("nothing is found in the cache")
                .doesNotContain("cached");
        Path tar = folder.resolve(id + ".tar");
        client.download(id, "oci", tar);
        OciImage image = OciImage.ofTar(tar, folder.resolve(id));
        assertThat(image.layers()).as("of the base and of all steps").hasSize(1);
        assertThat(image.run("cat", "/made", "/app")).isEqualTo("1.2, 10\nof the release");
        assertThat(image.config().at("/config/Labels/org.example.team").asString())
                .isEqualTo("a");
        assertThat(Registry.digest(name(bed))).isEqualTo(build.get("digest").asString());
        return build;
    }
}
