package io.slipway.api.intake;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.api.testing.ApiClient;
import io.slipway.api.testing.ApiClient.Answer;
import io.slipway.api.testing.Multipart;
import io.slipway.api.testing.RunningService;
import io.slipway.api.testing.ServiceExtension;
import io.slipway.api.testing.Tars;
import io.slipway.image.Digest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

@ExtendWith(ServiceExtension.class)
final class SubmitTest {
    private static final String FROM_SCRATCH = "FROM scratch\nCOPY Dockerfile /\n";

    private final RunningService service;
    private final ApiClient client;

    SubmitTest(RunningService service) throws IOException {
        this.service = service;
        this.client = service.client();
    }

    @Test
    void aBuildTakesThePlaceOfAnEarlierOneWithItsKey() throws IOException {
        byte[] tar = Tars.dockerfile(FROM_SCRATCH).bytes();
        String older = id(client.post("/v1/builds?supersedes=submit/test", tar));
        JsonNode newer = client.post("/v1/builds?supersedes=submit/test", tar).json();
        assertThat(newer.path("supersedes").stringValue()).isEqualTo("submit/test");
        JsonNode cancelled = client.get("/v1/builds/" + older).json();
        assertThat(cancelled.path("state").stringValue()).isEqualTo("cancelled");
        assertThat(cancelled.at("/error/code").stringValue()).isEqualTo("superseded");
        assertThat(cancelled.at("/error/message").stringValue())
                .contains(newer.path("id").stringValue());
        assertThat(cancelled.path("supersededBy")).isEqualTo(newer.path("id"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "application/x-tar",
                "application/octet-stream",
                "application/x-www-form-urlencoded",
                "application/x-tar; charset=binary",
                "",
            })
    void aTarIsQueuedWhateverItsBodyIsCalled(String type) throws IOException {
        byte[] tar = Tars.dockerfile(FROM_SCRATCH).bytes();
        Answer answer =
                type.isEmpty() ? client.post("/v1/builds", tar) : client.post("/v1/builds", tar, "Content-Type", type);
        assertThat(answer.status()).as(answer.text()).isEqualTo(202);
        assertThat(answer.json().path("state").stringValue()).isEqualTo("queued");
        assertThat(answer.json().path("dockerfile").stringValue()).isEqualTo("Dockerfile");
        assertThat(answer.json().path("context").path("sha256").stringValue())
                .isEqualTo(Digest.of(tar).hex());
        assertThat(answer.header("Location")).endsWith("/v1/builds/" + id(answer));
        assertThat(service.home().resolve("contexts/" + id(answer) + ".tar")).hasBinaryContent(tar);
    }

    @Test
    void compressedBodiesAreStoredPlain() throws IOException {
        Tars tars = Tars.dockerfile(FROM_SCRATCH);
        for (Map.Entry<String, byte[]> body :
                Map.of("gzip", tars.gzip(), "zstd", tars.zstd()).entrySet()) {
            for (Answer answer : new Answer[] {
                client.post("/v1/builds", body.getValue()),
                client.post("/v1/builds", body.getValue(), "Content-Type", "application/" + body.getKey()),
                client.post(
                        "/v1/builds",
                        body.getValue(),
                        "Content-Type",
                        "application/x-tar",
                        "Content-Encoding",
                        body.getKey()),
            }) {
                assertThat(answer.status()).as(answer.text()).isEqualTo(202);
                assertThat(service.home().resolve("contexts/" + id(answer) + ".tar"))
                        .hasBinaryContent(tars.bytes());
            }
        }
    }

    @Test
    void optionsOfTheQueryReachTheBuild() throws IOException {
        Answer answer = client.post(
                "/v1/builds?tag=registry.example:5000/team/app:1&dockerfile=docker/My.Dockerfile&priority=3&timeout=90s",
                new Tars().file("docker/My.Dockerfile", FROM_SCRATCH).bytes());
        assertThat(answer.status()).as(answer.text()).isEqualTo(202);
        assertThat(answer.json().path("tags").path(0).stringValue()).isEqualTo("registry.example:5000/team/app:1");
        assertThat(answer.json().path("dockerfile").stringValue()).isEqualTo("docker/My.Dockerfile");
        assertThat(answer.json().path("priority").intValue()).isEqualTo(3);
        assertThat(answer.json().path("timeoutMillis").intValue()).isEqualTo(90_000);
    }

    @Test
    void partsComeInAnyOrder() throws IOException {
        String build = "{\"tag\": \"registry.example/app:2\", \"project\": \"default\"}";
        byte[] context = Tars.dockerfile(FROM_SCRATCH).gzip();
        Multipart buildFirst = new Multipart().field("build", build).file("context", "application/gzip", context);
        Multipart contextFirst = new Multipart()
                .file("context", "application/octet-stream", context)
                .file("build", "application/json", build.getBytes(StandardCharsets.UTF_8));
        for (Multipart body : new Multipart[] {buildFirst, contextFirst}) {
            Answer answer = client.post("/v1/builds", body.bytes(), "Content-Type", body.contentType());
            assertThat(answer.status()).as(answer.text()).isEqualTo(202);
            assertThat(answer.json().path("tags").path(0).stringValue()).isEqualTo("registry.example/app:2");
            assertThat(service.home().resolve("contexts/" + id(answer) + ".tar"))
                    .hasBinaryContent(Tars.dockerfile(FROM_SCRATCH).bytes());
        }
    }

    @Test
    void theOtherUsualNameOfADockerfileIsFound() throws IOException {
        Answer answer = client.post(
                "/v1/builds", new Tars().file("dockerfile", FROM_SCRATCH).bytes());
        assertThat(answer.json().path("dockerfile").stringValue()).isEqualTo("dockerfile");
        Answer both = client.post(
                "/v1/builds",
                new Tars()
                        .file("dockerfile", "nonsense")
                        .file("./Dockerfile", FROM_SCRATCH)
                        .bytes());
        assertThat(both.status()).as(both.text()).isEqualTo(202);
        assertThat(both.json().path("dockerfile").stringValue()).isEqualTo("Dockerfile");
    }

    @Test
    void whatAllowsASecondLookIsAWarning() throws IOException {
        Answer answer = client.post(
                "/v1/builds",
                Tars.dockerfile("from scratch\nCOPY Dockerfile /\n").bytes());
        assertThat(answer.status()).isEqualTo(202);
        assertThat(answer.json().path("warnings").path(0).path("rule").stringValue())
                .isEqualTo("ConsistentInstructionCasing");
        assertThat(answer.json().path("warnings").path(0).path("line").intValue())
                .isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    tags=a             | 400 | parameter-unknown | did you mean tag?
                    secret=a=b         | 400 | parameter-invalid | the value of a secret can't stand in a URL
                    secret=a           | 422 | secret-unknown    | unknown secret a
                    noCache=perhaps    | 400 | parameter-invalid | noCache must be true or false
                    timeout=25h        | 400 | parameter-invalid | longer than the 86400 seconds
                    project=nobodys    | 404 | project-not-found | nobodys
                    """)
    void anOptionThatIsWrongIsRefusedAndNothingIsKept(String query, int status, String type, String detail)
            throws IOException {
        var before = service.contexts();
        Answer answer =
                client.post("/v1/builds?" + query, Tars.dockerfile(FROM_SCRATCH).bytes());
        assertProblem(answer, status, type, detail);
        service.requireNothingKept(before);
    }

    private static void assertProblem(Answer answer, int status, String type, String detail) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        assertThat(answer.header("Content-Type")).startsWith("application/problem+json");
        assertThat(answer.json().path("type").stringValue()).isEqualTo("/problems/" + type);
        assertThat(answer.json().path("status").intValue()).isEqualTo(status);
        assertThat(answer.json().path("detail").stringValue()).contains(detail);
    }

    private static String id(Answer answer) {
        return answer.json().path("id").stringValue();
    }
}
