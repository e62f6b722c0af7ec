package io.slipway.api.problem;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.api.testing.ApiClient;
import io.slipway.api.testing.ApiClient.Answer;
import io.slipway.api.testing.RunningService;
import io.slipway.api.testing.ServiceExtension;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What neither UTF-8 nor PostgreSQL has a form for is the client's mistake: no defect of Slipway's, and no reason to try again. */
@ExtendWith(ServiceExtension.class)
final class UnstorableTest {
    private final ApiClient client;

    UnstorableTest(RunningService service) throws IOException {
        this.client = service.client();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v1/builds?cursor=%ff",
                "/v1/builds?state=%ff",
                "/v1/builds?tag=%00",
                "/v1/projects?limit=%c3%28",
                "/v1/projects/default/audit?since=%ff",
                "/v1/audit?since=%2B999999999-01-01T00:00:00Z",
                "/v1/audit?until=-0001-01-01T00:00:00Z",
                "/v1/cache-mounts?project=%ff",
                "/v1/projects?cursor=AA",
                "/v1/projects?cursor=_w",
                "/v1/projects/default/secrets?cursor=AA",
                "/v1/builds?tag=a&tag=b",
                "/v1/builds?project=default&project=default"
            })
    void ofAQuery(String path) throws IOException {
        Answer answer = client.get(path);
        assertThat(answer.status()).as(answer.text()).isEqualTo(400);
        assertThat(answer.json().path("detail").stringValue()).isNotEmpty();
    }

    @Test
    void moreParametersThanAreRead() throws IOException {
        Answer answer = client.get("/v1/builds?limit=5" + "&state=queued".repeat(1_000));
        assertThat(answer.status()).as(answer.text()).isEqualTo(400);
        assertThat(answer.json().path("detail").stringValue()).contains("1,000");
    }

    @Test
    void ofAnOption() throws IOException {
        for (String query : new String[] {"label=a=%ff", "buildArg=a=%00", "supersedes=%C2%80"}) {
            Answer answer = client.post("/v1/builds?" + query, new byte[0]);
            assertThat(answer.status()).as(answer.text()).isEqualTo(400);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            /v1/projects                     | {"name": "unstorable", "description": "a\\u0000"}
            /v1/projects                     | {"name": "unstorable", "description": "\\ud800"}
            /v1/projects                     | {"name": "unstorable", "a\\u0000": "b"}
            /v1/projects/default/triggers    | {"name": "a", "host": "github", "repository": {"url": "https://git.example/a/b.git"}, "branches": ["a\\u0000"]}
            /v1/projects/default/triggers    | {"name": "a", "host": "github", "repository": {"url": "https://git.example/a/b.git", "subdirectory": "a/../.."}}
            /v1/contexts                     | {"project": "a\\u0000", "entries": []}
            /v1/dockerfiles/check            | {"project": "a\\u0000", "dockerfile": "FROM scratch"}
            /v1/projects/default/identities  | {"name": "a", "role": "viewer", "issuer": "https://id.example", "audience": "a", "claims": {"sub": "x\\ud800"}}
            """)
    void ofJson(String path, String json) throws IOException {
        Answer answer = client.postJson(path, json);
        assertThat(answer.status()).as(answer.text()).isEqualTo(400);
        assertThat(answer.json().path("detail").stringValue())
                .matches(".*(half of a surrogate pair|leaves the repository|no name of a project).*");
    }

    @Test
    void whatIsTooDeepIsNamedSo() throws IOException {
        Answer answer = client.postJson("/v1/projects", "{\"name\": " + "[".repeat(600) + "]".repeat(600) + "}");
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().path("detail").stringValue()).contains("500 deep");
    }

    @ParameterizedTest
    @CsvSource({"Content-Type, application/xml", "Content-Encoding, br", "Content-Encoding, gzip"})
    void whatIsNotCalledJson(String header, String value) throws IOException {
        byte[] json = "{\"name\": \"unstorable\"}".getBytes(StandardCharsets.UTF_8);
        Answer answer = header.equals("Content-Type")
                ? client.post("/v1/projects", json, header, value)
                : client.post("/v1/projects", json, "Content-Type", "application/json", header, value);
        assertThat(answer.status()).as(answer.text()).isEqualTo(415);
        assertThat(client.get("/v1/projects/unstorable").status()).isEqualTo(404);
    }
}
