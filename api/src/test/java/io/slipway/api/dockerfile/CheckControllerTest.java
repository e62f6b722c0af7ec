package io.slipway.api.dockerfile;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.api.testing.ApiClient;
import io.slipway.api.testing.ApiClient.Answer;
import io.slipway.api.testing.OpenApi;
import io.slipway.api.testing.RunningService;
import io.slipway.api.testing.ServiceExtension;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code POST /v1/dockerfiles/check} says what a Dockerfile is, and builds nothing. */
@ExtendWith(ServiceExtension.class)
final class CheckControllerTest {
    private static final String CHECK = "/v1/dockerfiles/check";
    private static final int MOST_BYTES = 1 << 20;

    private final RunningService service;
    private final ApiClient client;
    private final List<Path> contexts;
    private final String builds;

    CheckControllerTest(RunningService service) throws IOException {
        this.service = service;
        this.client = service.client();
        this.contexts = service.contexts();
        this.builds = client.get("/v1/builds").text();
    }

    @AfterEach
    void nothingIsBuiltOrKept() throws IOException {
        service.requireNothingKept(contexts);
        assertThat(client.get("/v1/builds").text()).isEqualTo(builds);
    }

    private JsonNode checked(String dockerfile, String query) throws IOException {
        Answer answer = client.post(CHECK + query, dockerfile.getBytes(UTF_8), "Content-Type", "text/plain");
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return answer.json();
    }

    private Answer asJson(Object body) throws IOException {
        return client.postJson(CHECK, JsonMapper.shared().writeValueAsString(body));
    }

    @Test
    void theExamplesOfTheContractAreAnsweredAsItSays() throws IOException {
        JsonNode operation = OpenApi.contract().document().at("/paths/~1v1~1dockerfiles~1check/post");
        JsonNode answers = operation.at("/responses/200/content/application~1json/examples");
        String text = operation
                .at("/requestBody/content/text~1plain/examples/secret/value")
                .stringValue();
        assertThat(checked(text, "")).isEqualTo(answers.at("/secret/value"));
        JsonNode question = operation.at("/requestBody/content/application~1json/examples/mistake/value");
        assertThat(asJson(question).json()).isEqualTo(answers.at("/mistake/value"));
    }

    @Test
    void namedContextsAreKnownByTheirNames() throws IOException {
        String dockerfile = "ARG SOURCE_DATE_EPOCH=lib\nFROM scratch AS lib\nFROM scratch\nCOPY --from=lib a /\n";
        assertThat(checked(dockerfile, "").at("/problems/0/message").stringValue())
                .contains("the stage lib, which has no ADD");
        assertThat(checked(dockerfile, "?buildContext=lib&buildContext=other%3Dhttps://host/a.tar")
                        .path("problems")
                        .findValuesAsString("message"))
                .containsExactly("The named context other is named nowhere in the Dockerfile");
        for (Object contexts : List.of(List.of("lib"), Map.of("lib", Map.of("git", Map.of("url", "https://host/a"))))) {
            Answer answer = asJson(Map.of("dockerfile", dockerfile, "buildContext", contexts));
            assertThat(answer.json().path("problems")).as(answer.text()).isEmpty();
        }
    }

    @Test
    void whatCanBeNoContextsNameIsRefused() throws IOException {
        for (Answer answer : List.of(
                client.post(CHECK + "?buildContext=A", "FROM a".getBytes(UTF_8), "Content-Type", "text/plain"),
                asJson(Map.of("dockerfile", "FROM a", "buildContext", "lib")),
                asJson(Map.of("dockerfile", "FROM a", "buildContext", List.of("scratch"))))) {
            assertThat(answer.status()).as(answer.text()).isEqualTo(400);
            assertThat(answer.json().path("parameter").stringValue()).isEqualTo("buildContext");
        }
    }

    @Test
    void theOptionsHaveTheirEffectInEitherForm() throws IOException {
        String dockerfile = """
                ARG BASE=a
                FROM $BASE AS one
                RUN --mount=type=secret,id=$TARGETARCH true
                FROM scratch AS two
                """.replace("RUN", "ARG TARGETARCH\nRUN");
        JsonNode inQuery = checked(dockerfile, "?target=ONE&buildArg=BASE=b:1&platform=linux/arm64");
        assertThat(inQuery.at("/stages/0/base").stringValue()).isEqualTo("b:1");
        assertThat(inQuery.at("/stages/1/needed").booleanValue()).isFalse();
        assertThat(inQuery.at("/secrets/0/id").stringValue()).isEqualTo("arm64");
        JsonNode inJson = asJson(Map.of(
                        "dockerfile",
                        dockerfile,
                        "target",
                        "ONE",
                        "buildArg",
                        Map.of("BASE", "b:1"),
                        "platform",
                        "linux/arm64"))
                .json();
        assertThat(inJson).isEqualTo(inQuery);
    }

    @Test
    void theIgnoreFileIsHeeded() throws IOException {
        JsonNode answer = asJson(Map.of("dockerfile", "FROM scratch\nCOPY a.log /\n", "ignore", "*.log\n"))
                .json();
        assertThat(answer.at("/problems/0/rule").stringValue()).isEqualTo("CopyIgnoredFile");
        assertThat(answer.at("/problems/0/severity").stringValue()).isEqualTo("warning");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"text/plain; charset=utf-8", "application/x-www-form-urlencoded", "application/octet-stream"})
    void aDockerfileMayComeUnderAnyType(String type) throws IOException {
        Answer answer = client.post(CHECK, "FROM a&b=c\n".getBytes(UTF_8), "Content-Type", type);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.json().at("/problems/0/message").stringValue()).contains("a&b=c");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ?traget=a                  | /problems/parameter-unknown | target
            ?dockerfile=a              | /problems/parameter-unknown | target
            ?target=a&target=b         | /problems/parameter-invalid | more than once
            ?buildArg=a                | /problems/parameter-invalid | NAME=VALUE
            ?buildArg=a=1&buildArg=a=2 | /problems/parameter-invalid | more than once
            ?platform=a/b/c/d          | /problems/parameter-invalid | not a platform
            """)
    void aQueryThatIsWrongIsRefused(String query, String type, String words) throws IOException {
        Answer answer = client.post(CHECK + query, new byte[0]);
        assertThat(answer.status()).as(answer.text()).isEqualTo(400);
        assertThat(answer.json().path("type").stringValue()).isEqualTo(type);
        assertThat(answer.text()).contains(words);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {}                                              | dockerfile is missing
            {"dockerfile": 1}                               | dockerfile must be a text
            {"dockerfile": "", "dockerfil": ""}             | did you mean dockerfile?
            {"dockerfile": "", "buildarg": {}}              | did you mean buildArg?
            {"dockerfile": "", "buildArg": ["A=b"]}         | buildArg must be an object of texts
            {"dockerfile": "", "buildArg": {"A": 1}}        | buildArg must be an object of texts
            {"dockerfile": "", "target": null}              | target must be a text
            {"dockerfile": "", "platform": "x"}             | not a platform
            {"dockerfile": "", "ignore": "["}               | ignore:
            {"dockerfile": ""                               | line 1, column
            []                                              | must be a JSON object
            """)
    void jsonThatIsWrongIsRefusedByName(String json, String words) throws IOException {
        Answer answer = client.postJson(CHECK, json);
        assertThat(answer.status()).as(answer.text()).isEqualTo(400);
        assertThat(answer.json().path("detail").stringValue()).contains(words);
    }

    @Test
    void aDockerfileOverTheLimitIsTooLargeInEitherForm() throws IOException {
        String most = "FROM scratch\n#" + "x".repeat(60_000) + "\n";
        String text = most + "\n".repeat(MOST_BYTES - most.length());
        assertThat(checked(text, "").at("/problems").size()).isZero();
        assertThat(asJson(Map.of("dockerfile", text)).status()).isEqualTo(200);
        for (Answer answer : List.of(
                client.post(CHECK, (text + "\n").getBytes(UTF_8)),
                asJson(Map.of("dockerfile", text + "\n")),
                client.post(CHECK, new byte[10 << 20]))) {
            assertThat(answer.status()).isEqualTo(413);
            assertThat(answer.json().path("detail").stringValue()).contains(Integer.toString(MOST_BYTES));
        }
    }

    @Test
    void halfCharactersAndRandomBytesAreAnsweredToo() throws IOException {
        assertThat(client.postJson(CHECK, "{\"dockerfile\": \"FROM \\ud800\\nRUN \\udc00\", \"target\": \"\\ud800\"}")
                        .status())
                .isEqualTo(200);
        Random random = new Random(7);
        for (int i = 0; i < 50; i++) {
            byte[] bytes = new byte[random.nextInt(2_000)];
            random.nextBytes(bytes);
            Answer answer = client.post(CHECK, bytes);
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.json().at("/problems").size()).isPositive();
        }
    }

    @Test
    void anEncodingAndAnotherMethodAndNoTokenAreRefused() throws IOException {
        assertThat(client.post(CHECK, new byte[0], "Content-Encoding", "gzip").status())
                .isEqualTo(415);
        assertThat(client.get(CHECK).status()).isEqualTo(405);
        assertThat(new ApiClient(service.url(), null).post(CHECK, new byte[0]).status())
                .isEqualTo(401);
    }
}
