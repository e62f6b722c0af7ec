package io.slipway.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.acceptance.fixture.BuildContext;
import io.slipway.acceptance.fixture.Hook;
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
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.eclipse.jgit.lib.Repository;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/** From a base that is pushed to its registry anew to an image on it; the registry tells, and nobody polls. */
@ExtendWith(TestBed.Extension.class)
final class BaseMoveTest {
    private static Path folder;
    private static GitHttpServer git;
    private static SlipwayService service;

    @BeforeAll
    static void start(TestBed bed) throws IOException {
        folder = TestBed.folder("slipway-bases-");
        git = GitHttpServer.open(folder.resolve("git"));
        service = SlipwayService.start(
                folder.resolve("home"),
                bed.bases(),
                Map.of("context.denied-networks", "", "workers.slots", "2", "bases.poll", "0"));
    }

    @AfterAll
    static void stop() {
        service.close();
        git.close();
        TestBed.remove(folder);
    }

    private static Answer post(SlipwayClient client, String path, String json) {
        return client.send(
                client.request(path).header("Content-Type", "application/json").POST(BodyPublishers.ofString(json)));
    }

    /** A project with a token of its maintainer, and a hook for registries. */
    private record Team(String project, SlipwayClient client, JsonNode hook) {
        static Team make() throws IOException {
            String project = "team-" + UUID.randomUUID();
            SlipwayClient admin = service.client();
            post(admin, "/v1/projects", "{\"name\": \"" + project + "\"}");
            Answer token =
                    post(admin, "/v1/projects/" + project + "/tokens", "{\"name\": \"t\", \"role\": \"maintainer\"}");
            SlipwayClient client =
                    new SlipwayClient(service.url(), token.json().get("token").asString());
            Answer hook = post(client, "/v1/projects/" + project + "/registry-hooks", "{\"name\": \"registry\"}");
            assertThat(hook.status()).as(hook.body()).isEqualTo(201);
            return new Team(project, client, hook.json());
        }

        /** A registry that tells this project what is pushed to it. */
        Registry registry() throws IOException {
            return Registry.notifying(
                    folder.resolve(project),
                    hook.get("url").asString(),
                    hook.get("secret").asString());
        }

        /** Pushes an image with one file, and answers with its digest. */
        String push(String name, String content) {
            try (BuildContext context =
                    BuildContext.of("FROM scratch\nCOPY file /base\n").file("file", content)) {
                return client.succeed(context, "project", project, "tag", name)
                        .get("digest")
                        .asString();
            }
        }

        Hook trigger(String repository, String tag, boolean rebuildOnBase) {
            return Hook.to(
                    service,
                    client,
                    project,
                    "generic",
                    "'repository': {'url': '" + git.url() + "/" + repository + ".git', 'fullName': '" + repository
                            + "'}, 'rebuildOnBase': " + rebuildOnBase + ", 'build': {'tag': '" + tag + "'}");
        }

        JsonNode await(String build) {
            JsonNode ended = client.await(build);
            assertThat(ended.get("state").asString()).as(ended.toPrettyString()).isEqualTo("succeeded");
            return ended;
        }

        /** A push, built. */
        JsonNode built(Hook hook, String commit) {
            JsonNode delivery = hook.decided(hook.standard(
                    "msg_" + UUID.randomUUID(), "{\"ref\": \"refs/heads/main\", \"commit\": \"" + commit + "\"}"));
            return await(delivery.at("/events/0/build").asString());
        }

        List<JsonNode> deliveries(Hook hook) {
            return client.get(hook.deliveries())
                    .json()
                    .get("deliveries")
                    .valueStream()
                    .toList();
        }

        /** The newest delivery, once there are so many and all are decided on. */
        JsonNode newest(Hook hook, int count) {
            return Awaitility.await("delivery " + count + " of " + hook.id())
                    .atMost(Duration.ofMinutes(2))
                    .pollInterval(Duration.ofMillis(100))
                    .until(
                            () -> deliveries(hook),
                            all -> all.size() >= count
                                    && all.stream()
                                            .noneMatch(one ->
                                                    one.get("state").asString().equals("pending")))
                    .getFirst();
        }

        /** Waits until a base has been looked at, and means that. */
        void awaitLook(String reference, String digest) {
            Awaitility.await(reference + " is looked at")
                    .atMost(Duration.ofMinutes(1))
                    .pollInterval(Duration.ofMillis(100))
                    .until(() -> client.get("/v1/projects/" + project + "/bases")
                            .json()
                            .get("bases")
                            .valueStream()
                            .anyMatch(base -> base.get("reference").asString().equals(reference)
                                    && base.path("digest").asString("").equals(digest)));
        }
    }

    private static String commit(String repository, String dockerfile) throws IOException {
        try (Repository made = GitRepositories.create(folder.resolve("git/" + repository + ".git"))) {
            return new GitRepositories.Commit(made)
                    .file("Dockerfile", dockerfile)
                    .file("file", "app")
                    .commit("refs/heads/main", null, Instant.EPOCH)
                    .name();
        }
    }

    @Test
    void whatWasBuiltFromABaseIsBuiltAgainOnceByTheTriggerThatSaysSo() throws IOException {
        Team team = Team.make();
        Team other = Team.make();
        try (Registry registry = team.registry()) {
            String base = registry.host() + "/base:1";
            String old = team.push(base, "old");
            String commit = commit(team.project(), "FROM " + base + "\nCOPY file /\n");
            Hook asks = team.trigger(team.project(), registry.host() + "/app:{branch}", true);
            Hook doesNot = team.trigger(team.project(), registry.host() + "/quiet:{branch}", false);
            Hook strange = other.trigger(team.project(), registry.host() + "/strange:{branch}", true);
            JsonNode first = team.built(asks, commit);
            team.built(doesNot, commit);
            other.built(strange, commit);
            assertThat(first.get("bases").toString())
                    .isEqualTo(
                            "[{\"name\":\"" + base + "\",\"reference\":\"" + base + "\",\"digest\":\"" + old + "\"}]");
            assertThat(first.at("/cause/commit").asString()).isEqualTo(commit);
            team.awaitLook(base, old);
            String fresh = team.push(base, "fresh");
            JsonNode delivery = team.newest(asks, 2);
            assertThat(delivery.get("event").asString()).isEqualTo("base");
            assertThat(delivery.get("state").asString())
                    .as(delivery.toPrettyString())
                    .isEqualTo("built");
            JsonNode again = team.await(delivery.at("/events/0/build").asString());
            assertThat(again.at("/bases/0/digest").asString()).isEqualTo(fresh);
            assertThat(again.get("digest")).isNotEqualTo(first.get("digest"));
            JsonNode cause = again.get("cause");
            assertThat(cause.get("rebuildOf")).isEqualTo(first.get("id"));
            assertThat(cause.get("commit").asString()).isEqualTo(commit);
            assertThat(cause.get("movedBases").toString())
                    .isEqualTo("[{\"reference\":\"" + base + "\",\"from\":\"" + old + "\",\"to\":\"" + fresh + "\"}]");
            // The other project shares the base, and the row that is looked at; its own image is built again, too.
            JsonNode others = other.newest(strange, 2);
            assertThat(other.await(others.at("/events/0/build").asString())
                            .at("/bases/0/digest")
                            .asString())
                    .isEqualTo(fresh);
            // Another move shows that the first has led to nothing more.
            String third = team.push(base, "third");
            team.await(team.newest(asks, 3).at("/events/0/build").asString());
            team.awaitLook(base, third);
            assertThat(team.deliveries(asks)).hasSize(3);
            assertThat(team.deliveries(doesNot)).hasSize(1);
            assertThat(other.client().get(asks.deliveries()).status()).isEqualTo(404);
        }
    }

    @Test
    void aServiceThatIsKilledMeanwhileBuildsItOnce() throws IOException {
        Team team = Team.make();
        try (Registry registry = team.registry()) {
            String base = registry.host() + "/base:1";
            String old = team.push(base, "old");
            String commit = commit(team.project(), "FROM " + base + "\nCOPY file /\n");
            Hook hook = team.trigger(team.project(), registry.host() + "/app:{branch}", true);
            team.built(hook, commit);
            team.awaitLook(base, old);
            String fresh = team.push(base, "fresh");
            service.kill();
            service.restart();
            JsonNode delivery = team.newest(hook, 2);
            JsonNode again = team.await(delivery.at("/events/0/build").asString());
            assertThat(again.at("/bases/0/digest").asString()).isEqualTo(fresh);
            String third = team.push(base, "third");
            team.await(team.newest(hook, 3).at("/events/0/build").asString());
            team.awaitLook(base, third);
            assertThat(team.deliveries(hook)).hasSize(3);
        }
    }

    @Test
    void anImageThatIsItsOwnBaseIsNotBuiltForEver() throws IOException {
        Team team = Team.make();
        try (Registry registry = team.registry()) {
            String self = registry.host() + "/self:main";
            team.push(self, "first");
            String commit = commit(team.project(), "FROM " + self + "\nCOPY file /app\n");
            Hook hook = team.trigger(team.project(), registry.host() + "/self:{branch}", true);
            JsonNode build = team.built(hook, commit);
            JsonNode delivery = team.newest(hook, 2);
            assertThat(delivery.get("state").asString())
                    .as(delivery.toPrettyString())
                    .isEqualTo("ignored");
            assertThat(delivery.at("/events/0/refusals/0/rule").asString()).isEqualTo("loop");
            team.awaitLook(self, build.get("digest").asString());
            assertThat(team.deliveries(hook)).hasSize(2);
            // Somebody else's image under the same name is no loop.
            team.push(self, "second");
            JsonNode other = team.newest(hook, 3);
            team.await(other.at("/events/0/build").asString());
        }
    }
}
