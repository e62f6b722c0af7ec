package io.slipway.acceptance;

import static io.slipway.acceptance.fixture.BuildSteps.assertNothingRan;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.acceptance.fixture.BuildContext;
import io.slipway.acceptance.fixture.Programs;
import io.slipway.acceptance.fixture.Registry;
import io.slipway.acceptance.fixture.SlipwayClient;
import io.slipway.acceptance.fixture.SlipwayClient.Answer;
import io.slipway.acceptance.fixture.SlipwayService;
import io.slipway.acceptance.fixture.TestBed;
import io.slipway.acceptance.fixture.TokenServer;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Images go to registries that ask who is there, and come from them. */
@ExtendWith(TestBed.Extension.class)
final class RegistryTest {
    private static final String USER = "builder";
    private static final String PASSWORD = "correct horse";

    private static Path folder;
    private static TokenServer tokens;
    private static Registry basic;
    private static Registry bearer;

    /** How a registry asks. */
    enum Authentication {
        BASIC,
        TOKEN;

        Registry registry() {
            return switch (this) {
                case BASIC -> basic;
                case TOKEN -> bearer;
            };
        }
    }

    @BeforeAll
    static void start() throws IOException, GeneralSecurityException {
        folder = TestBed.folder("slipway-registries-");
        tokens = new TokenServer(folder, USER, PASSWORD);
        basic = Registry.withBasic(folder.resolve("basic"), USER, PASSWORD);
        bearer = Registry.withTokens(folder.resolve("bearer"), tokens);
    }

    @AfterAll
    static void stop() {
        bearer.close();
        basic.close();
        tokens.close();
        TestBed.remove(folder);
    }

    @ParameterizedTest
    @EnumSource
    void aBuildBringsItsCredentials(Authentication authentication, TestBed bed) {
        Registry registry = authentication.registry();
        try (BuildContext context = small()) {
            String name = registry.host() + "/team/own:1";
            JsonNode build = build(bed.client(), context, name, PASSWORD);
            assertThat(build.get("state").asString()).as(build.toPrettyString()).isEqualTo("succeeded");
            assertThat(pushed(name)).isEqualTo(build.get("digest").asString());
        }
    }

    @ParameterizedTest
    @EnumSource
    void wrongCredentialsArePushAuthBeforeAnythingRuns(Authentication authentication, TestBed bed) {
        Registry registry = authentication.registry();
        try (BuildContext context = small()) {
            JsonNode wrong = build(bed.client(), context, registry.host() + "/team/wrong:1", "wrong");
            JsonNode none = bed.client().build(context, "tag", registry.host() + "/team/none:1");
            for (JsonNode build : List.of(wrong, none)) {
                assertFailed(build, "push_auth");
                assertThat(build.get("error").get("message").asString()).contains(registry.host());
                assertNothingRan(build);
                assertThat(build.has("digest")).as("there is an image").isFalse();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aPrivateBaseIsPulledWithCredentialsOnly(Authentication authentication, TestBed bed) {
        String base = authentication.registry().host() + "/private/busybox:1";
        Programs.run(
                "skopeo",
                "copy",
                "-q",
                "--src-tls-verify=false",
                "--dest-tls-verify=false",
                "--dest-creds",
                USER + ":" + PASSWORD,
                "docker://" + bed.bases().host() + "/library/busybox:1.35",
                "docker://" + base);
        String name = bed.target().host() + "/team/of-private:1";
        try (BuildContext context =
                BuildContext.of("FROM " + base + "\nRUN echo " + UUID.randomUUID() + " > /private\n")) {
            assertFailed(build(bed.client(), context, name, "wrong"), "base_auth");
            assertFailed(bed.client().build(context), "base_auth");
            JsonNode build = build(bed.client(), context, name, PASSWORD);
            assertThat(build.get("state").asString()).as(build.toPrettyString()).isEqualTo("succeeded");
        }
    }

    @Test
    void credentialsMayBeConfigured(TestBed bed) throws IOException {
        String one = basic.host() + "/team/configured:1";
        String two = bearer.host() + "/team/configured:1";
        try (SlipwayService service = SlipwayService.start(
                        folder.resolve("home"),
                        bed.bases(),
                        Map.of(
                                "registries[1].host", basic.host(),
                                "registries[1].username", USER,
                                "registries[1].password", PASSWORD,
                                "registries[2].host", bearer.host(),
                                "registries[2].username", USER,
                                "registries[2].password", PASSWORD));
                BuildContext context = small()) {
            JsonNode build = service.client().succeed(context, "tag", one, "tag", two);
            assertThat(pushed(one)).isEqualTo(build.get("digest").asString());
            assertThat(pushed(two)).isEqualTo(build.get("digest").asString());
            assertThat(build.get("images").size()).isEqualTo(2);
            assertThat(service.log()).doesNotContain(PASSWORD);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aProjectsCredentialsAreForItsBuildsAndTheRepositoriesThatTheyName(Authentication authentication, TestBed bed) {
        String project = "registry-" + authentication.name().toLowerCase(Locale.ROOT);
        String host = authentication.registry().host();
        SlipwayClient client = bed.client();
        Answer made = client.send(client.request("/v1/projects")
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{\"name\": \"" + project + "\"}")));
        assertThat(made.status()).as(made.body()).isEqualTo(201);
        put(client, project, Map.of("host", host, "username", USER, "password", "wrong"));
        put(client, project, Map.of("host", host, "repository", "team", "username", USER, "password", PASSWORD));
        try (BuildContext context = small()) {
            String name = host + "/team/of-project:1";
            JsonNode build = client.succeed(context, "project", project, "tag", name);
            assertThat(pushed(name)).isEqualTo(build.get("digest").asString());
            assertThat(client.logs(build.get("id").asString())).doesNotContain(PASSWORD);
            assertFailed(client.build(context, "project", project, "tag", host + "/teams/other:1"), "push_auth");
            assertFailed(client.build(context, "tag", host + "/team/of-default:1"), "push_auth");
            assertFailed(
                    client.build(context, "project", project, "tag", name, "projectCredentials", "false"), "push_auth");
        }
    }

    private static void put(SlipwayClient client, String project, Map<String, String> credential) {
        Answer answer = client.send(client.request("/v1/projects/" + project + "/registry-credentials")
                .header("Content-Type", "application/json")
                .PUT(BodyPublishers.ofString(JsonMapper.shared().writeValueAsString(credential))));
        assertThat(answer.status()).as(answer.body()).isEqualTo(201);
    }

    private static BuildContext small() {
        return BuildContext.of("FROM scratch\nCOPY file /file\n")
                .file("file", UUID.randomUUID().toString());
    }

    /** Builds with credentials in the header that Docker's clients send. */
    private static JsonNode build(SlipwayClient client, BuildContext context, String name, String password) {
        String known = JsonMapper.shared()
                .writeValueAsString(Map.of(
                        basic.host(), Map.of("username", USER, "password", password),
                        bearer.host(), Map.of("username", USER, "password", password)));
        Answer answer = client.send(client.request("/v1/builds?tag=" + name)
                .header("Content-Type", "application/x-tar")
                .header("X-Registry-Config", Base64.getUrlEncoder().encodeToString(known.getBytes(UTF_8)))
                .POST(context.tar()));
        assertThat(answer.status()).as(answer.body()).isEqualTo(202);
        return client.await(answer.json().get("id").asString());
    }

    private static void assertFailed(JsonNode build, String code) {
        assertThat(build.get("state").asString()).as(build.toPrettyString()).isEqualTo("failed");
        assertThat(build.get("error").get("code").asString())
                .as(build.toPrettyString())
                .isEqualTo(code);
    }

    private static String pushed(String name) {
        return Programs.run(
                        "skopeo",
                        "inspect",
                        "--tls-verify=false",
                        "--creds",
                        USER + ":" + PASSWORD,
                        "--format",
                        "{{.Digest}}",
                        "docker://" + name)
                .strip();
    }
}
