package io.slipway.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.slipway.acceptance.fixture.Hook;
import io.slipway.acceptance.fixture.Programs;
import io.slipway.acceptance.fixture.SlipwayClient;
import io.slipway.acceptance.fixture.SlipwayClient.Answer;
import io.slipway.acceptance.fixture.SlipwayService;
import io.slipway.acceptance.fixture.TestBed;
import io.slipway.remote.testing.GitHttpServer;
import io.slipway.remote.testing.GitRepositories;
import io.slipway.remote.testing.GitSshServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.Repository;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** From what a git host delivers to an image of the commit that it tells of. */
@ExtendWith(TestBed.Extension.class)
final class WebhookTest {
    private static final String GITHUB_COMMIT = "6113728f27ae82c7b1a177c8d03f9e96e0adf246";

    private static Path folder;
    private static GitHttpServer git;
    private static SlipwayService service;
    private static String older;
    private static String tip;
    private static GitSshServer ssh;
    private static String strange;

    /** Its service may fetch from this machine. */
    @BeforeAll
    static void start(TestBed bed) throws IOException, GeneralSecurityException {
        folder = TestBed.folder("slipway-webhooks-");
        try (Repository repository = GitRepositories.create(folder.resolve("git/app.git"))) {
            ObjectId first = commit(repository, "refs/heads/master", "one", null);
            older = first.name();
            tip = commit(repository, "refs/heads/master", "two", first).name();
        }
        git = GitHttpServer.open(folder.resolve("git"));
        Path keys = Files.createDirectory(folder.resolve("keys"));
        ssh = new GitSshServer(folder.resolve("git"), keys);
        Programs.run("chmod", "-R", "a+rX", keys.toString()); // the service may be another user's
        try (Repository repository = GitRepositories.create(folder.resolve("git/strange.git"))) {
            strange = new GitRepositories.Commit(repository)
                    .file("Dockerfile", "FROM scratch\nCOPY . /\n")
                    .file(".gitmodules", "[submodule \"app\"]\n\tpath = app\n\turl = " + ssh.url() + "/app.git\n")
                    .gitlink("app", ObjectId.fromString(tip))
                    .commit("refs/heads/master", null, Instant.EPOCH)
                    .name();
        }
        service = SlipwayService.start(
                folder.resolve("home"),
                bed.bases(),
                Map.of(
                        "context.denied-networks",
                        "",
                        "workers.slots",
                        "2",
                        "git.ssh-key",
                        ssh.key().toString(),
                        "git.known-hosts",
                        ssh.knownHosts().toString()));
    }

    private static ObjectId commit(Repository repository, String ref, String content, @Nullable ObjectId parent)
            throws IOException {
        return new GitRepositories.Commit(repository)
                .file("Dockerfile", "FROM scratch\nARG REVISION\nLABEL revision=$REVISION\nCOPY file /\n")
                .file("file", content)
                .commit(ref, parent, Instant.EPOCH);
    }

    @AfterAll
    static void stop() throws IOException {
        service.close();
        ssh.close();
        git.close();
        TestBed.remove(folder);
    }

    /** A project of its own, with a token of its maintainer. */
    private record Team(String project, SlipwayClient client) {
        static Team make() throws IOException {
            String project = "team-" + UUID.randomUUID();
            SlipwayClient admin = service.client();
            post(admin, "/v1/projects", "{\"name\": \"" + project + "\"}");
            Answer token =
                    post(admin, "/v1/projects/" + project + "/tokens", "{\"name\": \"t\", \"role\": \"maintainer\"}");
            return new Team(
                    project,
                    new SlipwayClient(service.url(), token.json().get("token").asString()));
        }

        Hook hook(String host, String repository, String members) {
            String source = "'repository': {'url': '" + git.url() + "/app.git', 'fullName': '" + repository + "'}";
            return Hook.to(service, client, project, host, source + members);
        }

        /** The only build of the delivery's only event, once it has ended. */
        JsonNode built(JsonNode delivery) {
            assertThat(delivery.get("state").asString())
                    .as(delivery.toPrettyString())
                    .isEqualTo("built");
            JsonNode build = client.await(delivery.at("/events/0/build").asString());
            assertThat(build.get("state").asString()).as(build.toPrettyString()).isEqualTo("succeeded");
            return build;
        }

        /** What an image of a commit is, when it is built without any webhook. */
        String digestOf(String commit) {
            Answer submitted = post(client, "/v1/builds", """
                    {"project": "%s", "context": {"git": {"url": "%s/app.git", "ref": "%s"}},
                     "sourceDateEpoch": "context", "buildArg": {"REVISION": "%s"}}
                    """.formatted(project, git.url(), commit, commit));
            return client.await(submitted.json().get("id").asString())
                    .get("digest")
                    .asString();
        }

        int builds() {
            return client.get("/v1/builds?project=" + project)
                    .json()
                    .get("builds")
                    .size();
        }
    }

    private static final String BUILD =
            ", 'build': {'sourceDateEpoch': 'context', 'buildArg': {'REVISION': '{sha}'}, 'tag': 'registry.example/app:{branch}', 'push': false}";

    private static Answer post(SlipwayClient client, String path, String json) {
        return client.send(
                client.request(path).header("Content-Type", "application/json").POST(BodyPublishers.ofString(json)));
    }

    @Test
    void aPushToGitHubBecomesAnImageOfItsCommitAndNotOfTheTip() throws IOException {
        Team team = Team.make();
        Hook hook = team.hook("github", "Codertocat/Hello-World", BUILD);
        String body = Hook.payload("github/push-branch").replace(GITHUB_COMMIT, older);
        JsonNode build = team.built(hook.decided(hook.github("push", Hook.newId(), body)));
        assertThat(build.get("tags").toString()).isEqualTo("[\"registry.example/app:master\"]");
        assertThat(build.get("digest").asString())
                .isEqualTo(team.digestOf(older))
                .isNotEqualTo(team.digestOf(tip));
        assertThat(build.get("pullName").asString()).startsWith(service.host() + "/" + team.project());
    }

    @Test
    void aMergeRequestOfGitLabIsBuilt() throws IOException {
        Team team = Team.make();
        Hook hook = team.hook("gitlab", "gitlabhq/gitlab-test", ", 'events': ['pull_request']" + BUILD);
        String body = Hook.payload("gitlab/merge_request").replace("da1560886d4f094c3e6c9ef40349f7d38b5d27d7", tip);
        JsonNode build = team.built(hook.decided(hook.gitlab("Merge Request Hook", body)));
        assertThat(build.get("tags").toString()).isEqualTo("[\"registry.example/app:ms-viewport\"]");
        assertThat(build.get("digest").asString()).isEqualTo(team.digestOf(tip));
    }

    @Test
    void aDeliveryOfBitbucketIsBuiltForEachThingThatItTells() throws IOException {
        Team team = Team.make();
        Hook hook = team.hook("bitbucket_cloud", "team_name/repo_name", ", 'events': ['push', 'tag']" + BUILD);
        String body = Hook.payload("bitbucket_cloud/push")
                .replace("709d658dc5b6d6afcd46049c2f332ee3f515a67d", tip)
                .replace("1e65c05c1d5171631d92438a13901ca7dae9618c", older);
        JsonNode delivery = hook.decided(hook.bitbucket("repo:push", body));
        assertThat(team.built(delivery).get("digest").asString()).isEqualTo(team.digestOf(tip));
        JsonNode tag = team.client().await(delivery.at("/events/1/build").asString());
        assertThat(tag.get("digest").asString()).isEqualTo(team.digestOf(older));
        assertThat(tag.get("tags").size()).as("a tag has no branch").isZero();
        assertThat(delivery.at("/events/2/refusals/0/rule").asString()).isEqualTo("deletion");
    }

    @Test
    void whoeverSignsAsStandardWebhooksSaysIsHeard() throws IOException {
        Team team = Team.make();
        Hook hook = team.hook("generic", "app", BUILD);
        String body = "{\"ref\": \"refs/heads/master\", \"commit\": \"" + tip + "\"}";
        assertThat(team.built(hook.decided(hook.standard("msg_1", body)))
                        .get("digest")
                        .asString())
                .isEqualTo(team.digestOf(tip));
    }

    /** What a trigger names is fetched with the service's key, also for a fork's pull request; what a stranger's commit names is not. */
    @Test
    void aRepositoryIsReachedBySshAndAStrangersSubmoduleIsNot() throws IOException {
        Team team = Team.make();
        String members = ", 'events': ['push', 'pull_request'], 'forks': true" + BUILD;
        String pull = ", \"pullRequest\": 7, \"targetBranch\": \"master\", \"fork\": true}";
        Hook app = Hook.to(
                service,
                team.client(),
                team.project(),
                "generic",
                "'repository': {'url': '" + ssh.url() + "/app.git', 'fullName': 'app'}" + members);
        String push = "{\"ref\": \"refs/heads/master\", \"commit\": \"" + tip + "\"";
        String digest = team.digestOf(tip);
        assertThat(team.built(app.decided(app.standard("msg_1", push + "}")))
                        .get("digest")
                        .asString())
                .isEqualTo(digest);
        JsonNode fork = team.built(app.decided(app.standard("msg_2", push + pull)));
        assertThat(fork.get("digest").asString()).isEqualTo(digest);
        assertThat(fork.get("cacheScope").asString()).startsWith("fork.");
        Team others = Team.make();
        Hook other = Hook.to(
                service,
                others.client(),
                others.project(),
                "generic",
                "'repository': {'url': '" + ssh.url() + "/strange.git', 'fullName': 'strange'}" + members);
        String strangers = push.replace(tip, strange);
        others.built(other.decided(other.standard("msg_3", strangers + "}")));
        JsonNode refused = other.decided(other.standard("msg_4", strangers + pull));
        assertThat(refused.get("state").asString()).as(refused.toPrettyString()).isEqualTo("failed");
        assertThat(refused.toString()).contains("git_auth").contains("is reached by ssh");
    }

    @Test
    void aStormOfTheSameDeliveryIsOneBuild() throws Exception {
        Team team = Team.make();
        Hook hook = team.hook("github", "Codertocat/Hello-World", BUILD);
        String body = Hook.payload("github/push-branch").replace(GITHUB_COMMIT, older);
        String id = Hook.newId();
        List<Future<Answer>> answers = new ArrayList<>();
        try (ExecutorService hosts = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 50; i++) {
                answers.add(hosts.submit(() -> hook.github("push", id, body)));
            }
        }
        for (Future<Answer> answer : answers) {
            assertThat(answer.get().status()).as(answer.get().body()).isEqualTo(202);
        }
        JsonNode delivery = hook.decided(answers.getLast().get());
        team.built(delivery);
        assertThat(delivery.get("duplicates").asInt()).isEqualTo(49);
        assertThat(team.client().get(hook.deliveries()).json().get("deliveries").size())
                .isEqualTo(1);
        assertThat(team.builds()).isEqualTo(1);
    }

    @Test
    void aWrongSignatureAndAnUnknownTriggerAreAnsweredTheSame() throws IOException {
        Team team = Team.make();
        Hook hook = team.hook("github", "Codertocat/Hello-World", BUILD);
        String body = Hook.payload("github/push-branch");
        Answer wrong = hook.send(body, "X-GitHub-Event", "push", "X-Hub-Signature-256", "sha256=" + "0".repeat(64));
        SlipwayClient nobody = new SlipwayClient(service.url(), null);
        Answer unknown = nobody.send(nobody.request("/v1/webhooks/github/trg_01kb6y3v7mzq0v5m9d8c2w4x7t")
                .header("X-Hub-Signature-256", "sha256=" + hook.signature(body))
                .POST(BodyPublishers.ofString(body)));
        assertThat(wrong.status()).isEqualTo(404);
        assertThat(unknown.status()).isEqualTo(404);
        assertThat(unknown.body().replace("trg_01kb6y3v7mzq0v5m9d8c2w4x7t", hook.id()))
                .isEqualTo(wrong.body());
        assertThat(team.builds()).isZero();
    }

    @Test
    void whatIsDeliveredToOneProjectIsNothingToAnother() throws IOException {
        Team team = Team.make();
        Team other = Team.make();
        Hook hook = team.hook("github", "Codertocat/Hello-World", "");
        JsonNode delivery = hook.decided(hook.github("ping", Hook.newId(), Hook.payload("github/ping")));
        assertThat(delivery.get("reason").asString()).contains("a ping");
        String one = hook.deliveries() + "/" + delivery.get("id").asString();
        String trigger = hook.deliveries().replace("/deliveries", "");
        for (String path : List.of(trigger, hook.deliveries(), one)) {
            assertThat(other.client().get(path).status()).as(path).isEqualTo(404);
        }
        assertThat(other.client().delete(trigger).status()).isEqualTo(404);
        assertThat(other.client().post(one + "/redeliver").status()).isEqualTo(404);
        assertThat(team.client().get(one).status()).isEqualTo(200);
    }

    @Test
    void aServiceThatIsKilledMeanwhileBuildsOnce() throws Exception {
        Team team = Team.make();
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch killed = new CountDownLatch(1);
        HttpServer slow = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            slow.setExecutor(threads);
            slow.createContext("/", exchange -> {
                asked.countDown();
                try (exchange) {
                    killed.await();
                    exchange.getResponseHeaders()
                            .set(
                                    "Location",
                                    git.url() + exchange.getRequestURI().toString());
                    exchange.sendResponseHeaders(302, -1);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            slow.start();
            String url = "http://127.0.0.1:" + slow.getAddress().getPort() + "/app.git";
            Hook hook = Hook.to(
                    service,
                    team.client(),
                    team.project(),
                    "github",
                    "'repository': {'url': '" + url + "', 'fullName': 'Codertocat/Hello-World'}" + BUILD);
            String body = Hook.payload("github/push-branch").replace(GITHUB_COMMIT, older);
            Answer accepted = hook.github("push", Hook.newId(), body);
            assertThat(asked.await(1, TimeUnit.MINUTES)).isTrue();
            service.kill();
            killed.countDown();
            service.restart();
            JsonNode delivery = hook.decided(accepted);
            team.built(delivery);
            assertThat(delivery.get("attempts").asInt()).isEqualTo(2);
            assertThat(team.builds()).isEqualTo(1);
        } finally {
            slow.stop(0);
        }
    }

    @Test
    void theHostIsToldHowItsCommitFares() throws IOException {
        Team team = Team.make();
        List<String> told = new CopyOnWriteArrayList<>();
        HttpServer api = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        api.createContext("/", exchange -> {
            try (exchange) {
                JsonNode body =
                        JsonMapper.shared().readTree(exchange.getRequestBody().readAllBytes());
                int status = told.isEmpty() ? 502 : 201;
                told.add(status + " " + exchange.getRequestURI() + " "
                        + exchange.getRequestHeaders().getFirst("Authorization") + " "
                        + body.get("state").asString() + " "
                        + body.get("target_url").asString());
                exchange.sendResponseHeaders(status, -1);
            }
        });
        api.start();
        try {
            Hook hook = team.hook(
                    "github",
                    "Codertocat/Hello-World",
                    BUILD + ", 'status': {'token': 'ghp_x', 'apiUrl': 'http://127.0.0.1:"
                            + api.getAddress().getPort() + "'}");
            String body = Hook.payload("github/push-branch").replace(GITHUB_COMMIT, tip);
            JsonNode delivery = hook.decided(hook.github("push", Hook.newId(), body));
            JsonNode build = team.built(delivery);
            String call = "/repos/Codertocat/Hello-World/statuses/" + tip + " Bearer ghp_x ";
            String link = " " + service.url() + "/builds/" + build.get("id").asString();
            Awaitility.await("the host knows")
                    .atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(told).last().isEqualTo("201 " + call + "success" + link));
            // What was not told in time needs not be told any more, and nothing is told after the end.
            assertThat(told.getFirst()).startsWith("502 " + call);
            assertThat(told.subList(1, told.size() - 1))
                    .allMatch(line -> line.equals("201 " + call + "pending" + link));
        } finally {
            api.stop(0);
        }
    }
}
