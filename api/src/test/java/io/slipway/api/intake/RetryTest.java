package io.slipway.api.intake;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.api.testing.ApiClient;
import io.slipway.api.testing.ApiClient.Answer;
import io.slipway.api.testing.Multipart;
import io.slipway.api.testing.RunningService;
import io.slipway.api.testing.ServiceExtension;
import io.slipway.api.testing.Tars;
import io.slipway.db.build.Build;
import io.slipway.db.build.BuildId;
import io.slipway.db.build.Builds;
import io.slipway.image.context.ContextArchive;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

@ExtendWith(ServiceExtension.class)
final class RetryTest {
    private static final byte[] TAR =
            Tars.dockerfile("FROM scratch\nCOPY Dockerfile /\nMAINTAINER me\n").bytes();

    private final RunningService service;
    private final ApiClient client;

    RetryTest(RunningService service) throws IOException {
        this.service = service;
        this.client = service.client();
    }

    @Test
    void aBuildIsDoneOnceMoreWithWhatItHad() throws IOException {
        JsonNode old = submit("?tag=app&push=false&priority=3&timeout=7m&noCache&supersedes=retry/test");
        cancel(old);
        JsonNode ended = show(id(old));
        assertThat(ended.at("/links/retry").stringValue()).endsWith("/v1/builds/" + id(old) + "/retry");

        Answer answer = retry(id(old));
        assertThat(answer.status()).isEqualTo(202);
        JsonNode build = answer.json();
        assertThat(answer.header("Location")).endsWith("/v1/builds/" + id(build));
        assertThat(answer.header("RateLimit")).startsWith("\"submits\"");
        assertThat(id(build)).isNotEqualTo(id(old));
        assertThat(build.path("retryOf").stringValue()).isEqualTo(id(old));
        assertThat(build.path("state").stringValue()).isEqualTo("queued");
        for (String field :
                new String[] {"project", "context", "tags", "priority", "timeoutMillis", "dockerfile", "warnings"}) {
            assertThat(build.path(field)).as(field).isEqualTo(old.path(field));
        }
        assertThat(build.path("warnings").isEmpty()).isFalse();
        assertThat(build.has("supersedes")).isFalse();
        assertThat(stored(build).options()).isEqualTo(stored(old).options());
        assertThat(context(build)).hasBinaryContent(TAR);
        ContextArchive.delete(context(old));
        assertThat(context(build)).hasBinaryContent(TAR);
        assertThat(show(id(old)).path("state").stringValue()).isEqualTo("cancelled");

        cancel(build);
        assertThat(retry(id(build)).json().path("retryOf").stringValue()).isEqualTo(id(build));
    }

    @Test
    void whatIsNoCallForARetryIsRefusedAndNothingIsQueued() throws IOException {
        JsonNode old = submit("");
        cancel(old);
        String path = "/v1/builds/" + id(old) + "/retry";
        assertThat(client.send("POST", path + "?wait=soon", BodyPublishers.noBody())
                        .status())
                .isEqualTo(400);
        for (String form : new String[] {"wait=60s", "%", "a=b"}) {
            for (BodyPublisher body : new BodyPublisher[] {
                BodyPublishers.ofString(form),
                BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(form.getBytes(StandardCharsets.UTF_8)))
            }) {
                Answer answer = client.send("POST", path, body, "Content-Type", "application/x-www-form-urlencoded");
                assertThat(answer.status()).as(form).isEqualTo(400);
                assertThat(answer.json().path("detail").stringValue()).isEqualTo("This call takes no body.");
            }
        }
        assertThat(client.get("/v1/builds?limit=1").json().at("/builds/0/id").stringValue())
                .isEqualTo(id(old));
    }

    @Test
    void namedContextsGoAlong() throws IOException {
        byte[] lib = new Tars().file("a", "b").bytes();
        Multipart parts = new Multipart()
                .file(
                        "context",
                        "application/x-tar",
                        Tars.dockerfile("FROM scratch\nCOPY --from=lib a /\n").bytes())
                .file("context.lib", "application/x-tar", lib);
        JsonNode old = client.post("/v1/builds", parts.bytes(), "Content-Type", parts.contentType())
                .json();
        cancel(old);
        JsonNode build = retry(id(old)).json();
        assertThat(build.path("namedContexts")).isEqualTo(old.path("namedContexts"));
        assertThat(stored(build).options()).contains(id(build) + ".0.tar").doesNotContain(id(old));
        assertThat(service.home().resolve("contexts").resolve(id(build) + ".0.tar"))
                .hasBinaryContent(lib);
    }

    @Test
    void theSameRequestIsCarriedOutOnce() throws IOException {
        JsonNode old = submit("");
        cancel(old);
        Answer first = retry(id(old), "Idempotency-Key", id(old));
        Answer second = retry(id(old), "Idempotency-Key", id(old));
        assertThat(second.text()).isEqualTo(first.text());
        JsonNode other = submit("");
        cancel(other);
        assertThat(retry(id(other), "Idempotency-Key", id(old)).status()).isEqualTo(422);
    }

    @Test
    void whatCanNotBeDoneOnceMoreSaysWhy() throws IOException {
        JsonNode queued = submit("");
        Answer early = retry(id(queued));
        assertThat(early.status()).isEqualTo(409);
        assertThat(early.json().path("type").stringValue()).isEqualTo("/problems/build-not-finished");
        assertThat(early.json().path("state").stringValue()).isEqualTo("queued");

        Multipart parts = new Multipart()
                .field("build", "{\"secret\": {\"npmrc\": \"x\"}}")
                .file("context", "application/x-tar", TAR);
        JsonNode secret = client.post("/v1/builds", parts.bytes(), "Content-Type", parts.contentType())
                .json();
        cancel(secret);
        assertThat(show(id(secret)).path("links").has("retry")).isFalse();
        Answer forgotten = retry(id(secret));
        assertThat(forgotten.status()).isEqualTo(409);
        assertThat(forgotten.json().path("type").stringValue()).isEqualTo("/problems/retry-secrets-gone");

        cancel(queued);
        int contexts = service.contexts().size();
        ContextArchive.delete(context(queued));
        Answer gone = retry(id(queued));
        assertThat(gone.status()).isEqualTo(410);
        assertThat(gone.json().path("type").stringValue()).isEqualTo("/problems/retry-context-gone");
        assertThat(service.contexts().size()).isLessThan(contexts);
        service.part(Builds.class).swept(new BuildId(id(queued)));
        assertThat(retry(id(queued)).status()).isEqualTo(410);
        assertThat(show(id(queued)).path("links").has("retry")).isFalse();

        assertThat(retry("bld_none").status()).isEqualTo(404);
        assertThat(client.post("/v1/builds/" + id(queued) + "/retry?x=1", new byte[0])
                        .status())
                .isEqualTo(400);
        assertThat(client.post("/v1/builds/" + id(queued) + "/retry", new byte[1])
                        .status())
                .isEqualTo(400);
    }

    private JsonNode submit(String query) throws IOException {
        Answer answer = client.post("/v1/builds" + query, TAR);
        assertThat(answer.status()).as(answer.text()).isEqualTo(202);
        return answer.json();
    }

    private void cancel(JsonNode build) throws IOException {
        assertThat(client.post("/v1/builds/" + id(build) + "/cancel", new byte[0])
                        .status())
                .isEqualTo(200);
    }

    private Answer retry(String id, String... headers) throws IOException {
        return client.post("/v1/builds/" + id + "/retry", new byte[0], headers);
    }

    private JsonNode show(String id) throws IOException {
        return client.get("/v1/builds/" + id).json();
    }

    private Build stored(JsonNode build) {
        return service.part(Builds.class).find(new BuildId(id(build))).orElseThrow();
    }

    private Path context(JsonNode build) {
        return service.home().resolve("contexts").resolve(id(build) + ".tar");
    }

    private static String id(JsonNode build) {
        return build.path("id").stringValue();
    }
}
