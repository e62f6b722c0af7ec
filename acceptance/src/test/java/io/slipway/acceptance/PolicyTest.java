package io.slipway.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.acceptance.fixture.BuildContext;
import io.slipway.acceptance.fixture.HeldRun;
import io.slipway.acceptance.fixture.Programs;
import io.slipway.acceptance.fixture.SlipwayClient;
import io.slipway.acceptance.fixture.SlipwayClient.Answer;
import io.slipway.acceptance.fixture.TestBed;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** What can't be seen of a Dockerfile when a build is submitted, the worker checks. */
@ExtendWith(TestBed.Extension.class)
final class PolicyTest {
    private final String project = "policy-" + UUID.randomUUID();
    private final SlipwayClient client;

    PolicyTest(TestBed bed) {
        this.client = bed.client();
        send("POST", "/v1/projects", "{\"name\": \"" + project + "\"}", 201);
    }

    @Test
    void whatAVariableComesToIsChecked() {
        set("{\"forbiddenInstructions\": [\"ADD url\"]}");
        denied("FROM scratch\nARG FROM=https://files.invalid/a\nADD $FROM /\n", "forbiddenInstructions", 3);
    }

    @Test
    void triggersOfBaseImagesAreChecked(TestBed bed) {
        String base = bed.target().host() + "/policy/trigger:" + UUID.randomUUID();
        try (BuildContext context = BuildContext.of("FROM busybox:1.35\nONBUILD USER root\n")) {
            client.succeed(context, "project", project, "tag", base);
        }
        set("{\"forbiddenInstructions\": [\"USER\"]}");
        denied("FROM " + base + "\n", "forbiddenInstructions", 1);
    }

    @Test
    void theFinishedImageNeedsTheLabels(TestBed bed) {
        set("{\"requiredLabels\": [\"org.example.team\"]}");
        String name = bed.target().host() + "/policy/labels:" + UUID.randomUUID();
        denied("FROM scratch\nCOPY Dockerfile /\n", "requiredLabels", 0, "tag", name);
        try (BuildContext context = BuildContext.of("FROM scratch\nCOPY Dockerfile /\nLABEL org.example.team=a\n")) {
            client.succeed(context, "project", project, "tag", name);
        }
        try (BuildContext context = BuildContext.of("FROM scratch\nCOPY Dockerfile /\n")) {
            client.succeed(context, "project", project, "label", "org.example.team=a");
        }
    }

    /** All of it could be seen when the build was submitted, and was allowed then. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            baseImages            | {"baseImages": ["docker.io/library/debian"]} | 1
            pinnedBases           | {"pinnedBases": true}                        | 1
            pushTargets           | {"pushTargets": ["registry.example/**"]}     | 0
            network               | {"network": "none"}                          | 0
            forbiddenInstructions | {"forbiddenInstructions": ["RUN"]}           | 2
            requiredLabels        | {"requiredLabels": ["org.example.team"]}     | 0
            """)
    void thePolicyCountsThatHoldsWhenTheBuildBegins(String rule, String policy, int line, TestBed bed) {
        send("PATCH", "/v1/projects/" + project, "{\"limits\": {\"concurrentBuilds\": 1}}", 200);
        HeldRun before = new HeldRun();
        String name = bed.target().host() + "/policy/later:" + UUID.randomUUID();
        try (BuildContext held = BuildContext.of("FROM busybox:1.35\n" + before.instruction());
                BuildContext context = BuildContext.of("FROM busybox:1.35\nRUN echo " + UUID.randomUUID() + "\n")) {
            client.submit(held, "project", project);
            before.await();
            String id = client.submit(context, "project", project, "tag", name);
            set(policy);
            before.letGo();
            requireDenied(client.await(id), rule, line);
            assertThat(Programs.tryRun("skopeo", "inspect", "--tls-verify=false", "docker://" + name)
                            .status())
                    .as("nothing is pushed")
                    .isNotZero();
        }
    }

    @Test
    void whatTriggersOfBaseImagesCopyFromIsChecked(TestBed bed) {
        String repository = bed.target().host() + "/policy/copies";
        String base = repository + ":" + UUID.randomUUID();
        try (BuildContext context =
                BuildContext.of("FROM busybox:1.35\nONBUILD COPY --from=busybox:1.35 /etc/passwd /copied\n")) {
            client.succeed(context, "project", project, "tag", base);
        }
        set("{\"baseImages\": [\"" + repository + "\"]}");
        denied("FROM " + base + "\n", "baseImages", 1);
    }

    private void denied(String dockerfile, String rule, int line, String... query) {
        String[] all = new String[query.length + 2];
        System.arraycopy(query, 0, all, 0, query.length);
        all[query.length] = "project";
        all[query.length + 1] = project;
        try (BuildContext context = BuildContext.of(dockerfile)) {
            requireDenied(client.build(context, all), rule, line);
        }
    }

    private static void requireDenied(JsonNode build, String rule, int line) {
        JsonNode error = build.path("error");
        assertThat(error.path("code").asString("")).as(build.toPrettyString()).isEqualTo("policy_denied");
        assertThat(error.path("message").asString()).contains("(" + rule + ")");
        assertThat(error.path("line").asInt(0)).isEqualTo(line);
        assertThat(build.path("images").isEmpty()).isTrue();
    }

    private void set(String policy) {
        send("PUT", "/v1/projects/" + project + "/policy", policy, 200);
    }

    private void send(String method, String path, String json, int status) {
        Answer answer = client.send(client.request(path)
                .header("Content-Type", "application/json")
                .method(method, BodyPublishers.ofString(json)));
        assertThat(answer.status()).as(answer.body()).isEqualTo(status);
    }
}
