package io.slipway.api.policy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.api.testing.ApiClient;
import io.slipway.api.testing.ApiClient.Answer;
import io.slipway.api.testing.RunningService;
import io.slipway.api.testing.ServiceExtension;
import io.slipway.api.testing.Tars;
import io.slipway.api.testing.Tenant;
import io.slipway.db.access.Role;
import io.slipway.dockerfile.instruction.InstructionForms;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@ExtendWith(ServiceExtension.class)
final class PolicyControllerTest {
    private static final String DIGEST = "@sha256:" + "0".repeat(64);

    private final RunningService service;
    private final Tenant tenant;

    PolicyControllerTest(RunningService service) throws IOException {
        this.service = service;
        this.tenant = Tenant.in(service);
    }

    @Test
    void itIsSetByAdministratorsOfTheServiceAndSeenByTheProject() throws IOException {
        JsonNode unset = tenant.as(Role.VIEWER).get(address()).json();
        assertThat(unset.toString())
                .isEqualTo("{\"pinnedBases\":false,\"network\":\"default\",\"requiredLabels\":[],"
                        + "\"forbiddenInstructions\":[]}");
        Answer own = tenant.as(Role.ADMIN).putJson(address(), "{}");
        assertThat(own.status()).isEqualTo(403);
        set("{'baseImages': ['docker.io/library/*'], 'pinnedBases': true, 'network': 'none'}");
        JsonNode shown = tenant.as(Role.VIEWER).get(address()).json();
        assertThat(shown.path("baseImages").toString()).isEqualTo("[\"docker.io/library/*\"]");
        assertThat(shown.path("pinnedBases").booleanValue()).isTrue();
        assertThat(shown.path("network").stringValue()).isEqualTo("none");
        assertThat(shown.has("pushTargets")).isFalse();
        assertThat(shown.has("updatedAt")).isTrue();
        set("{}");
        assertThat(tenant.as(Role.VIEWER).get(address()).json().has("baseImages"))
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            {'baseImage': []}                              | did you mean baseImages?
            {'baseImages': 'a'}                            | must be an array
            {'baseImages': ['']}                           | must have 1 to 255 characters
            {'pinnedBases': 'yes'}                         | must be true or false
            {'network': 'host'}                            | unknown value of network: host
            {'forbiddenInstructions': ['ADD urls']}        | did you mean ADD url?
            """)
    void whatIsNoPolicyIsRefused(String policy, String detail) throws IOException {
        Answer answer = service.client().putJson(address(), policy.replace('\'', '"'));
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().path("detail").stringValue()).contains(detail);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            {'baseImages': ['docker.io/library/*']} | FROM alpine;COPY a / |  |  |
            {'baseImages': ['docker.io/library/*']} | FROM evil/alpine |  | baseImages | 1
            {'baseImages': ['docker.io/library/*']} | ARG B=r.example/a;FROM $B |  | baseImages | 2
            {'baseImages': ['docker.io/library/*']} | FROM alpine AS a;FROM a;COPY --from=r.example/a / / |  | baseImages | 3
            {'baseImages': ['docker.io/library/*']} | FROM alpine;RUN --mount=from=r.example/a,target=/a x |  | baseImages | 2
            {'baseImages': ['docker.io/library/*']} | FROM r.example/a AS unneeded;FROM alpine |  |  |
            {'baseImages': ['docker.io/**', '!docker.io/evil/*']} | FROM evil/a |  | baseImages | 1
            {'baseImages': []} | FROM scratch;COPY a / |  |  |
            {'baseImages': []} | FROM alpine |  | baseImages | 1
            {'baseImages': ['docker.io/**']} | FROM alpine | buildContext=x=docker-image://r.example/a | baseImages |
            {'baseImages': ['docker.io/**']} | FROM alpine | cacheFrom=r.example/cache | baseImages |
            {'pinnedBases': true} | FROM alpine:3 |  | pinnedBases | 1
            {'pinnedBases': true} | FROM alpineDIGEST |  |  |
            {'pushTargets': ['r.example/team/**']} | FROM scratch;COPY a / | tag=r.example/team/app:1 |  |
            {'pushTargets': ['r.example/team/**']} | FROM scratch;COPY a / | tag=r.example/other:1 | pushTargets |
            {'pushTargets': ['r.example/team/**']} | FROM scratch;COPY a / | tag=r.example/other:1&push=false |  |
            {'pushTargets': ['r.example/team/**']} | FROM scratch;COPY a / | cacheTo=r.example/other:cache | pushTargets |
            {'network': 'none'} | FROM scratch;COPY a / |  | network |
            {'network': 'none'} | FROM scratch;COPY a / | network=none |  |
            {'forbiddenInstructions': ['ADD url']} | FROM scratch;ADD https://a.example/x / |  | forbiddenInstructions | 2
            {'forbiddenInstructions': ['ADD url']} | FROM scratch;ADD a / |  |  |
            {'forbiddenInstructions': ['ADD']} | FROM scratch;ADD a / |  | forbiddenInstructions | 2
            {'forbiddenInstructions': ['ADD git']} | FROM scratch;ADD https://a.example/x.git / |  | forbiddenInstructions | 2
            {'forbiddenInstructions': ['RUN --mount=type=ssh']} | FROM alpine;RUN --mount=type=ssh x |  | forbiddenInstructions | 2
            {'forbiddenInstructions': ['RUN --mount=type=ssh']} | FROM alpine;RUN --mount=type=tmpfs,target=/a x |  |  |
            {'forbiddenInstructions': ['USER']} | FROM alpine AS a;USER root;FROM alpine;COPY a / |  |  |
            """)
    void whatAPolicyDoesNotAllowIsRefusedWithRuleAndLineAndNothingIsKept(
            String policy, String dockerfile, String query, String rule, Integer line) throws IOException {
        set(policy);
        String text = dockerfile.replace(";", "\n").replace("DIGEST", DIGEST) + "\n";
        byte[] tar = new Tars().file("Dockerfile", text).file("a", "").bytes();
        var before = service.contexts();
        Answer answer = tenant.as(Role.BUILDER)
                .post("/v1/builds?project=" + tenant.project() + (query == null ? "" : "&" + query), tar);
        if (rule == null) {
            assertThat(answer.status()).as(answer.text()).isEqualTo(202);
            return;
        }
        assertThat(answer.status()).as(answer.text()).isEqualTo(422);
        JsonNode problem = answer.json();
        assertThat(problem.path("type").stringValue()).isEqualTo("/problems/policy-denied");
        assertThat(problem.path("code").stringValue()).isEqualTo("policy_denied");
        assertThat(problem.path("rule").stringValue()).isEqualTo(rule);
        assertThat(problem.path("detail").stringValue()).contains("(" + rule + ")");
        assertThat(problem.path("hint").stringValue()).isNotEmpty();
        assertThat(problem.path("line").asInt(0)).isEqualTo(line == null ? 0 : line);
        service.requireNothingKept(before);
        assertThat(tenant.as(Role.VIEWER)
                        .get("/v1/builds")
                        .json()
                        .path("builds")
                        .isEmpty())
                .isTrue();
    }

    @Test
    void allThatIsNotAllowedIsListed() throws IOException {
        set("{'baseImages': ['docker.io/library/*'], 'forbiddenInstructions': ['USER', 'RUN']}");
        Answer answer = tenant.as(Role.BUILDER)
                .post(
                        "/v1/builds?project=" + tenant.project() + "&platform=linux/amd64,linux/arm64",
                        Tars.dockerfile("FROM a/b\nUSER root\nRUN x\n").bytes());
        assertThat(answer.json()
                        .path("violations")
                        .valueStream()
                        .map(each -> each.path("line").intValue()))
                .containsExactly(1, 2, 3);
    }

    @Test
    void aCheckTellsWhatThePolicyOfAProjectDoesNotAllow() throws IOException {
        set("{'baseImages': ['docker.io/library/*'], 'forbiddenInstructions': ['USER']}");
        byte[] dockerfile = "FROM registry.invalid/b\nUSER root\n".getBytes(UTF_8);
        ApiClient builder = tenant.as(Role.BUILDER);
        JsonNode problems = builder.post("/v1/dockerfiles/check?project=" + tenant.project(), dockerfile)
                .json()
                .path("problems");
        assertThat(problems.valueStream()
                        .filter(problem -> problem.path("code").asString("").equals("policy_denied"))
                        .map(problem -> problem.path("rule").stringValue() + " "
                                + problem.path("line").intValue()))
                .containsExactly("baseImages 1", "forbiddenInstructions 2");
        assertThat(builder.post("/v1/dockerfiles/check", dockerfile).text()).doesNotContain("policy_denied");
    }

    @Test
    void anothersPolicyIsNoneOfItsBusiness() throws IOException {
        set("{'network': 'none'}");
        Tenant stranger = Tenant.in(service);
        assertThat(stranger.as(Role.ADMIN).get(address()).status()).isEqualTo(404);
        assertThat(stranger.as(Role.ADMIN).putJson(address(), "{}").status()).isEqualTo(404);
        stranger.queuedBuild();
        assertThat(service.client().putJson("/v1/projects/nobodys/policy", "{}").status())
                .isEqualTo(404);
    }

    @Test
    void allFormsOfInstructionsCanBeForbidden() throws IOException {
        set("{'forbiddenInstructions': " + JsonMapper.shared().writeValueAsString(InstructionForms.all()) + "}");
        assertThat(tenant.as(Role.VIEWER)
                        .get(address())
                        .json()
                        .path("forbiddenInstructions")
                        .size())
                .isEqualTo(InstructionForms.all().size());
    }

    private void set(String policy) throws IOException {
        Answer answer = service.client().putJson(address(), policy.replace('\'', '"'));
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    }

    private String address() {
        return "/v1/projects/" + tenant.project() + "/policy";
    }
}
