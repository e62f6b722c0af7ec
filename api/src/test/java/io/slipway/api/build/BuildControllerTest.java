package io.slipway.api.build;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.api.testing.TestService;
import io.slipway.db.build.BuildId;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

final class BuildControllerTest {
    private final TestService service = TestService.shared();

    @TempDir
    private Path directory;

    @Test
    void aBuildThatSucceededShowsWhatWasMade() {
        BuildId id = service.submit("say hello", "say again");
        JsonNode build = service.ended(id);

        assertThat(build.get("state").asString()).isEqualTo("succeeded");
        assertThat(build.get("digest").asString()).isEqualTo("sha256:" + "d".repeat(64));
        assertThat(build.get("images").size()).isEqualTo(1);
        assertThat(build.get("pullName").asString())
                .isEqualTo(service.url().getAuthority() + "/default/" + id + "@sha256:" + "d".repeat(64));
        assertThat(build.get("context").get("bytes").asLong()).isEqualTo(1024);
        assertThat(build.get("steps").size()).isEqualTo(2);
        JsonNode step = build.get("steps").get(0);
        assertThat(step.get("instruction").asString()).isEqualTo("say hello");
        assertThat(step.get("state").asString()).isEqualTo("executed");
        assertThat(step.get("durationMillis").asLong()).isEqualTo(1500);
        assertThat(Instant.parse(build.get("finishedAt").asString()))
                .isAfterOrEqualTo(Instant.parse(build.get("startedAt").asString()));
        assertThat(build.get("links").get("image").asString()).endsWith("/v1/builds/" + id + "/image");
        assertThat(build.has("error")).isFalse();
    }

    @Test
    void stepsSayWhyTheyWereNotInTheCache() {
        BuildId id = service.submit("say hello", "fail");
        JsonNode build = service.ended(id);

        JsonNode steps =
                TestService.json(service.get("/v1/builds/" + id + "/steps")).get("steps");
        assertThat(steps).isEqualTo(build.get("steps"));
        assertThat(steps.get(0).get("cache").asString()).isEqualTo("miss");
        assertThat(steps.get(0).get("miss").toString()).isEqualTo("""
                        {"reason":"changed","inputs":[{"input":"file a","change":"modified"}],"more":2}""");
        assertThat(steps.get(1).get("cache").asString()).isEqualTo("none");
        assertThat(steps.get(1).has("miss")).isFalse();
        assertThat(service.get("/v1/builds/" + id + "/steps?x=1").statusCode()).isEqualTo(400);
        assertThat(service.get("/v1/builds/bld_01jzz0000000000000000000000/steps")
                        .statusCode())
                .isEqualTo(404);
    }

    @Test
    void aBuildThatFailedShowsWhy() {
        JsonNode build = service.ended(service.submit("say hello", "fail", "say never"));
        assertThat(build.get("state").asString()).isEqualTo("failed");
        JsonNode error = build.get("error");
        assertThat(error.get("code").asString()).isEqualTo("step_failed");
        assertThat(error.get("instruction").asString()).isEqualTo("fail");
        assertThat(error.get("line").asInt()).isEqualTo(2);
        assertThat(error.get("exitCode").asInt()).isEqualTo(3);
        assertThat(build.get("steps").get(1).get("state").asString()).isEqualTo("failed");
        assertThat(build.get("steps").get(2).get("state").asString()).isEqualTo("cancelled");
        assertThat(build.has("digest")).isFalse();
    }

    @Test
    void aCallerWhoWaitsIsAnsweredWhenTheBuildEndsAndOtherwiseWhenTheTimeIsOver() throws Exception {
        Path file = directory.resolve("go on");
        BuildId id = service.submit("until " + file);
        assertThat(TestService.json(service.get("/v1/builds/" + id + "?wait=100ms"))
                        .get("state")
                        .asString())
                .isIn("queued", "running");
        HttpResponse<String> preferred =
                service.send(service.request("/v1/builds/" + id).header("Prefer", "wait=0"));
        assertThat(TestService.json(preferred).get("state").asString()).isIn("queued", "running");
        Files.createFile(file);
        assertThat(service.ended(id).get("state").asString()).isEqualTo("succeeded");
        assertThat(service.get("/v1/builds/" + id + "?wait=soon").statusCode()).isEqualTo(400);
    }

    @Test
    void aRunningBuildIsCancelledThroughItsWorker() {
        BuildId id = service.submit("say started", "until /does/not/exist");
        service.awaitLog(id, "#2");
        HttpResponse<String> asked = service.post("/v1/builds/" + id + "/cancel");
        assertThat(asked.statusCode()).isEqualTo(202);
        JsonNode answer = TestService.json(asked);
        // Its worker may have heard of it by now.
        assertThat(
                        answer.get("state").asString().equals("cancelled")
                                ? "cancellation"
                                : answer.get("reason").asString())
                .contains("cancellation");
        JsonNode build = service.ended(id);
        assertThat(build.get("state").asString()).isEqualTo("cancelled");
        assertThat(build.get("error").get("code").asString()).isEqualTo("cancelled");

        assertThat(service.post("/v1/builds/" + id + "/cancel").statusCode()).isEqualTo(200);
    }

    @Test
    void aFinishedBuildCannotBeCancelled() {
        BuildId id = service.submit("say hello");
        service.ended(id);
        HttpResponse<String> refused = service.post("/v1/builds/" + id + "/cancel");
        assertThat(refused.statusCode()).isEqualTo(409);
        assertThat(TestService.json(refused).get("state").asString()).isEqualTo("succeeded");
        assertThat(TestService.json(refused).get("type").asString()).isEqualTo("/problems/build-finished");
    }

    @Test
    void buildsAreListedInPagesThatLinkToTheNext() {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            ids.addFirst(service.submit("say hello").value());
        }
        List<String> seen = new ArrayList<>();
        String next = "/v1/builds?project=default&limit=2";
        for (int page = 0; page < 3; page++) {
            HttpResponse<String> response = service.get(next);
            JsonNode body = TestService.json(response);
            body.get("builds").forEach(build -> seen.add(build.get("id").asString()));
            next = body.get("next").asString();
            assertThat(response.headers().firstValue("Link")).contains("<" + next + ">; rel=\"next\"");
        }
        assertThat(seen).startsWith(ids.toArray(String[]::new));
    }

    @Test
    void buildsAreFoundByStateAndTag() {
        BuildId id = service.submit("fail");
        String tag = service.ended(id).get("tags").get(0).asString();
        JsonNode found = TestService.json(service.get("/v1/builds?state=failed,cancelled&tag=" + tag));
        assertThat(found.get("builds").size()).isEqualTo(1);
        assertThat(found.get("builds").get(0).get("id").asString()).isEqualTo(id.value());
        assertThat(found.has("next")).isFalse();
        assertThat(TestService.json(service.get("/v1/builds?state=queued&tag=" + tag))
                        .get("builds")
                        .size())
                .isZero();
    }

    @Test
    void whatIsNotUnderstoodIsRefusedByName() {
        JsonNode unknown = TestService.json(service.get("/v1/builds?sate=failed"));
        assertThat(unknown.get("status").asInt()).isEqualTo(400);
        assertThat(unknown.get("hint").asString()).isEqualTo("state");
        assertThat(service.get("/v1/builds?state=done").body()).contains("succeeded");
        assertThat(service.get("/v1/builds?limit=1000").statusCode()).isEqualTo(400);
        assertThat(service.get("/v1/builds?cursor=xyz").statusCode()).isEqualTo(400);
        assertThat(service.get("/v1/builds?project=nobody").statusCode()).isEqualTo(200);
        assertThat(service.get("/v1/builds/bld_none").statusCode()).isEqualTo(404);
        assertThat(service.get("/v1/builds/" + BuildId.create(Instant.now())).statusCode())
                .isEqualTo(404);
        assertThat(service.post("/v1/builds/" + BuildId.create(Instant.now()) + "/cancel")
                        .statusCode())
                .isEqualTo(404);
    }
}
