package io.slipway.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.acceptance.fixture.BuildContext;
import io.slipway.acceptance.fixture.SlipwayClient;
import io.slipway.acceptance.fixture.TestBed;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Secrets that would be in the image are told, or fail the build: the option {@code secretsGuard}. */
@ExtendWith(TestBed.Extension.class)
@Execution(ExecutionMode.CONCURRENT)
final class SecretGuardTest {
    private final String secret = UUID.randomUUID().toString();

    /** The second build has the step from the cache, and its warning with it. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "cat",
                "base64 -w 0",
                "{ head -c 5000000 /dev/zero; cat; }",
                "{ printf user:; cat; } | base64 -w 0"
            })
    void aWarningNamesStepAndFile(String form, TestBed bed) {
        String dockerfile = """
                FROM busybox:1.35
                RUN --mount=type=secret,id=token mkdir /kept && cat /run/secrets/token | %s > /kept/file # %s
                """.formatted(form, UUID.randomUUID());
        try (BuildContext context = BuildContext.of(dockerfile)) {
            for (String state : List.of("executed", "cached")) {
                JsonNode build = build(bed, context, "warn");
                assertThat(build.get("state").asString()).isEqualTo("succeeded");
                assertThat(build.at("/steps/1/state").asString()).isEqualTo(state);
                assertThat(warnings(build))
                        .containsExactly("2 SecretInLayer The layer has the secret token in /kept/file");
                assertThat(build.toString()).doesNotContain(secret);
            }
            assertThat(warnings(build(bed, context, "off"))).isEmpty();
            JsonNode refused = build(bed, context, "fail");
            assertThat(refused.at("/error/code").asString()).isEqualTo("secret_in_image");
            assertThat(refused.at("/error/line").asInt()).isEqualTo(2);
        }
    }

    @Test
    void aBuildThatFailsHasPushedNothingOfIt(TestBed bed) {
        String repository = "guard/" + UUID.randomUUID();
        try (BuildContext context = BuildContext.of(
                        "FROM scratch\nCOPY fine /\nCOPY credentials /root/\nCOPY fine /other\n")
                .file("fine", UUID.randomUUID().toString())
                .file("credentials", "glpat-" + secret.substring(0, 20))) {
            JsonNode build = bed.client()
                    .build(context, "secretsGuard", "fail", "tag", bed.target().host() + "/" + repository + ":1");
            assertThat(build.at("/error/code").asString()).isEqualTo("secret_in_image");
            assertThat(build.at("/error/message").asString())
                    .isEqualTo("The layer has a GitLab token in /root/credentials");
            assertThat(build.at("/error/instruction").asString()).isEqualTo("COPY credentials /root/");
            assertThat(bed.target().status("GET", "/v2/" + repository + "/tags/list"))
                    .isEqualTo(404);
        }
    }

    @Test
    void configAndHistoryAreLookedThrough(TestBed bed) {
        String dockerfile = """
                FROM busybox:1.35
                ARG PASSED
                RUN true
                ENV FINE=1
                LABEL token=$PASSED
                """;
        try (BuildContext context = BuildContext.of(dockerfile)) {
            String options = """
                    {"secret": {"token": "%s"}, "buildArg": {"PASSED": "%s"}}""".formatted(secret, secret);
            JsonNode build = bed.client().await(bed.client().submitWith(context, options));
            assertThat(warnings(build))
                    .containsExactly(
                            "2 SecretInConfig The image's history, and perhaps its config, has the secret token",
                            "3 SecretInConfig The image's history, and perhaps its config, has the secret token",
                            "5 SecretInConfig The image's history, and perhaps its config, has the secret token");
        }
    }

    /** In the history such a word has quotation marks and escapes, in the config it has none. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "CMD [\"run\", \"VALUE\"]",
                "ENTRYPOINT [\"VALUE\"]",
                "HEALTHCHECK CMD [\"true\", \"VALUE\"]",
                "SHELL [\"/bin/sh\", \"VALUE\"]"
            })
    void wordsOfTheConfigAreLookedThroughAsTheyAre(String instruction, TestBed bed) {
        String value = secret + "\"quoted\\";
        String json = value.replace("\\", "\\\\").replace("\"", "\\\"");
        try (BuildContext context = BuildContext.of("FROM scratch\n" + instruction.replace("VALUE", json) + "\n")) {
            String options = "{\"secret\": {\"token\": \"" + json + "\"}}";
            JsonNode build = bed.client().await(bed.client().submitWith(context, options));
            assertThat(warnings(build))
                    .containsExactly(
                            "2 SecretInConfig The image's history, and perhaps its config, has the secret token");
        }
    }

    @Test
    void triggersAreLookedThrough(TestBed bed) {
        try (BuildContext context = BuildContext.of("FROM scratch\nONBUILD ENV TOKEN=" + secret + "\n")) {
            assertThat(warnings(build(bed, context, "warn")))
                    .containsExactly(
                            "2 SecretInConfig The image's history, and perhaps its config, has the secret token");
            assertThat(build(bed, context, "fail").at("/error/code").asString()).isEqualTo("secret_in_image");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"label": {"org.example.token": "x SECRET"}}            | The option label org.example.token has the secret token
            {"annotation": {"a": "glpat-abcdefghijklmnopqrst"}}     | The option annotation a has a GitLab token
            {"annotation": {"for SECRET": "x"}}                     | The name of one of the options annotation has the secret token
            """)
    void labelsAndAnnotationsOfTheRequestAreLookedThroughBeforeAnythingRuns(
            String options, String message, TestBed bed) {
        String pairs = options.replace("SECRET", secret).strip();
        try (BuildContext context = BuildContext.of("FROM busybox:1.35\nRUN echo ran\n")) {
            JsonNode told = build(bed, context, "warn", pairs);
            assertThat(told.get("state").asString()).isEqualTo("succeeded");
            assertThat(told.get("warnings").valueStream().toList())
                    .singleElement()
                    .satisfies(warning -> {
                        assertThat(warning.get("rule").asString()).isEqualTo("SecretInConfig");
                        assertThat(warning.get("message").asString()).isEqualTo(message);
                        assertThat(warning.path("line").isNumber()).isFalse();
                    });
            JsonNode refused = build(bed, context, "fail", pairs);
            assertThat(refused.at("/error/code").asString()).isEqualTo("secret_in_image");
            assertThat(refused.at("/error/message").asString()).isEqualTo(message);
            assertThat(refused.get("steps"))
                    .allSatisfy(step -> assertThat(step.has("startedAt")).isFalse());
            assertThat(build(bed, context, "off", pairs).get("warnings")).isEmpty();
        }
    }

    /** Only what is copied from such a stage is in the image. */
    @Test
    void aStageThatTheImageIsNotMadeOfMayHaveSecrets(TestBed bed) {
        String dockerfile = """
                FROM busybox:1.35 AS tools
                RUN --mount=type=secret,id=token cp /run/secrets/token /token && echo %s > /made
                FROM scratch
                COPY --from=tools /made /made
                """.formatted(UUID.randomUUID());
        try (BuildContext context = BuildContext.of(dockerfile)) {
            JsonNode build = build(bed, context, "fail");
            assertThat(build.get("state").asString()).isEqualTo("succeeded");
            assertThat(warnings(build)).isEmpty();
        }
    }

    private JsonNode build(TestBed bed, BuildContext context, String policy) {
        return build(bed, context, policy, "{}");
    }

    /** @param more further options, as JSON */
    private JsonNode build(TestBed bed, BuildContext context, String policy, String more) {
        SlipwayClient client = bed.client();
        ObjectNode options = (ObjectNode) JsonMapper.shared().readTree(more);
        options.put("secretsGuard", policy).putObject("secret").put("token", secret + "\n");
        return client.await(client.submitWith(context, options.toString()));
    }

    private static List<String> warnings(JsonNode build) {
        return build.get("warnings")
                .valueStream()
                .filter(warning -> warning.get("rule").asString().startsWith("SecretIn"))
                .map(warning -> "%d %s %s"
                        .formatted(
                                warning.get("line").asInt(),
                                warning.get("rule").asString(),
                                warning.get("message").asString()))
                .toList();
    }
}
