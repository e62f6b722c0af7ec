package io.slipway.api.webhook.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.api.testing.ApiClient;
import io.slipway.api.testing.RunningService;
import io.slipway.api.testing.ServiceExtension;
import io.slipway.api.testing.Tenant;
import io.slipway.api.webhook.host.Payloads;
import io.slipway.db.Database;
import io.slipway.db.access.Role;
import io.slipway.remote.testing.GitHttpServer;
import io.slipway.remote.testing.GitRepositories;
import java.io.IOException;
import java.net.URLEncoder;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.awaitility.Awaitility;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.RefUpdate;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.lib.StoredConfig;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What git hosts deliver, up to the builds that it queues; the repository is on a server of the test. */
@ExtendWith(ServiceExtension.class)
final class WebhookTest {
    private static final String RECORDED = "6113728f27ae82c7b1a177c8d03f9e96e0adf246";

    private final RunningService service;
    private final Tenant tenant;

    @TempDir
    private Path folder;

    private Repository repository;
    private GitHttpServer git;
    private String first;
    private String second;

    WebhookTest(RunningService service) throws IOException {
        this.service = service;
        this.tenant = Tenant.in(service);
    }

    @BeforeEach
    void serveRepository() throws IOException {
        repository = GitRepositories.create(folder.resolve("Codertocat/Hello-World.git"));
        ObjectId parent = commit("refs/heads/master", "one", null);
        first = parent.name();
        second = commit("refs/heads/master", "two", parent).name();
        git = GitHttpServer.open(folder);
    }

    private ObjectId commit(String ref, String content, @Nullable ObjectId parent) throws IOException {
        return new GitRepositories.Commit(repository)
                .file("Dockerfile", "FROM scratch\nCOPY file /\n")
                .file("file", content)
                .commit(ref, parent, Instant.EPOCH);
    }

    @AfterEach
    void stopServer() {
        git.close();
        repository.close();
    }

    private String source() {
        return "'repository': {'url': '" + git.url() + "/Codertocat/Hello-World.git'}";
    }

    private HookSender github(String members) throws IOException {
        return HookSender.to(tenant, "github", source() + members);
    }

    /** A recorded push, of a commit of the test's repository. */
    private static byte[] push(String commit) {
        return new String(Payloads.bytes("github/push-branch"), UTF_8)
                .replace(RECORDED, commit)
                .getBytes(UTF_8);
    }

    private JsonNode build(JsonNode delivery, int event) throws IOException {
        String build = delivery.at("/events/" + event + "/build").asString("");
        assertThat(build).as(delivery.toString()).startsWith("bld_");
        return tenant.as(Role.VIEWER).get("/v1/builds/" + build).json();
    }

    private long builds() throws IOException {
        return tenant.as(Role.VIEWER)
                .get("/v1/builds?project=" + tenant.project())
                .json()
                .path("builds")
                .size();
    }

    @Test
    void aPushIsBuiltAtItsCommitAndNotAtTheTipOfTheBranch() throws IOException {
        HookSender sender = github(
                ", 'build': {'tag': ['registry.example/app:{branch}', 'registry.example/app:{tag}', 'registry.example/app:{shortSha}'],"
                        + " 'buildArg': {'REVISION': '{sha}'}}");
        ApiClient.Answer answer = sender.github("push", HookSender.newId(), push(first));
        assertThat(answer.json().path("duplicate").booleanValue()).isFalse();
        JsonNode delivery = sender.decided(answer);
        assertThat(delivery.path("state").stringValue()).isEqualTo("built");
        JsonNode build = build(delivery, 0);
        assertThat(build.path("project").stringValue()).isEqualTo(tenant.project());
        assertThat(build.path("tags").toString())
                .isEqualTo("[\"registry.example/app:master\",\"registry.example/app:" + first.substring(0, 12) + "\"]");
        JsonNode older = build(sender.decided(sender.github("push", HookSender.newId(), push(second))), 0);
        assertThat(older.at("/context/sha256")).isNotEqualTo(build.at("/context/sha256"));
        assertThat(build.at("/links/self").stringValue()).startsWith(service.url());
        ApiClient.Answer direct = tenant.as(Role.BUILDER)
                .postJson(
                        "/v1/builds",
                        ("{'project': '" + tenant.project() + "', 'context': {'git': {'url': '" + git.url()
                                        + "/Codertocat/Hello-World.git', 'ref': '" + first + "'}}}")
                                .replace('\'', '"'));
        assertThat(direct.json().at("/context/sha256")).isEqualTo(build.at("/context/sha256"));
    }

    @Test
    void aNewerBuildOfTheSameBranchCancelsTheOlderAndNoOtherBranchsOrForks() throws IOException {
        String other = commit("refs/heads/topic", "three", null).name();
        HookSender sender = HookSender.to(
                tenant,
                "generic",
                source()
                        + ", 'events': ['push', 'pull_request'], 'forks': true, 'build': {'supersedes': 'app/{branch}'}");
        String older = built(sender, "'ref': 'refs/heads/master', 'commit': '" + first + "'");
        String topic = built(sender, "'ref': 'refs/heads/topic', 'commit': '" + other + "'");
        String fork = built(
                sender,
                "'ref': 'refs/heads/master', 'commit': '" + other
                        + "', 'pullRequest': 7, 'targetBranch': 'master', 'fork': true");
        assertThat(List.of(state(older), state(topic), state(fork))).containsOnly("queued");
        assertThat(show(fork).path("cacheScope").stringValue()).matches("fork\\.trg_[0-9a-z]+\\.7");
        assertThat(show(topic).has("cacheScope")).isFalse();
        String newer = built(sender, "'ref': 'refs/heads/master', 'commit': '" + second + "'");
        assertThat(state(older)).isEqualTo("cancelled");
        assertThat(List.of(state(topic), state(fork), state(newer))).containsOnly("queued");
    }

    /** The build of what a generic sender tells; members in JSON with single quotes. */
    private String built(HookSender sender, String members) throws IOException {
        String body = "{'repository': 'Codertocat/Hello-World', " + members + "}";
        JsonNode delivery = sender.decided(
                sender.standard(HookSender.newId(), body.replace('\'', '"').getBytes(UTF_8)));
        return build(delivery, 0).path("id").stringValue();
    }

    private String state(String build) throws IOException {
        return show(build).path("state").stringValue();
    }

    private JsonNode show(String build) throws IOException {
        return tenant.as(Role.VIEWER).get("/v1/builds/" + build).json();
    }

    @Test
    void aDeliveryIsShownWithoutWhatProvesIt() throws IOException {
        HookSender sender = github("");
        byte[] body = push(first);
        String id = HookSender.newId();
        JsonNode delivery = sender.decided(sender.github("push", id, body));
        assertThat(delivery.path("hostDeliveryId").stringValue()).isEqualTo(id);
        assertThat(delivery.path("event").stringValue()).isEqualTo("push");
        assertThat(delivery.path("repository").stringValue()).isEqualTo("Codertocat/Hello-World");
        assertThat(delivery.path("body").stringValue()).isEqualTo(new String(body, UTF_8));
        assertThat(delivery.at("/headers/x-hub-signature-256/0").stringValue()).isEqualTo("***");
        assertThat(delivery.at("/headers/x-github-event/0").stringValue()).isEqualTo("push");
        assertThat(delivery.toString()).doesNotContain(HookSender.hex(sender.secret(), body), sender.secret());
        JsonNode list = tenant.as(Role.VIEWER).get(sender.deliveries()).json();
        assertThat(list.at("/deliveries/0/id")).isEqualTo(delivery.path("id"));
        assertThat(list.at("/deliveries/0").has("body")).isFalse();
        assertThat(list.at("/deliveries/0/events/0/build")).isEqualTo(delivery.at("/events/0/build"));
    }

    @Test
    void deliveriesAreListedInPagesNewestFirst() throws IOException {
        HookSender sender = github("");
        List<String> ids = new ArrayList<>();
        for (String event : List.of("ping", "create", "ping")) {
            ids.addFirst(sender.github(event, HookSender.newId(), ("{\"n\": " + ids.size() + "}").getBytes(UTF_8))
                    .json()
                    .path("id")
                    .stringValue());
        }
        List<String> listed = new ArrayList<>();
        String next = sender.deliveries() + "?limit=2";
        while (next != null) {
            JsonNode page = tenant.as(Role.VIEWER).get(next).json();
            page.path("deliveries")
                    .forEach(delivery -> listed.add(delivery.path("id").stringValue()));
            next = page.has("next") ? page.path("next").stringValue().replace(service.url(), "") : null;
        }
        assertThat(listed).isEqualTo(ids);
    }

    @ParameterizedTest
    @CsvSource({
        "ping, github/ping, a ping",
        "create, github/create, a push tells the same",
        "star, github/ping, the event star changes no commit"
    })
    void whatIsNothingToBuildSaysWhy(String event, String payload, String reason) throws IOException {
        HookSender sender = github("");
        JsonNode delivery = sender.decided(sender.github(event, HookSender.newId(), Payloads.bytes(payload)));
        assertThat(delivery.path("state").stringValue()).isEqualTo("ignored");
        assertThat(delivery.path("reason").stringValue()).contains(reason);
        assertThat(builds()).isZero();
    }

    @Test
    void everyRuleThatSaysNoIsNamed() throws IOException {
        HookSender sender = github(", 'branches': ['main'], 'events': ['tag'], 'paths': ['src/**']");
        JsonNode delivery = sender.decided(sender.github("push", HookSender.newId(), push(first)));
        assertThat(delivery.path("state").stringValue()).isEqualTo("ignored");
        assertThat(delivery.at("/events/0/refusals"))
                .extracting(refusal -> refusal.path("rule").stringValue())
                .containsExactly("event", "branch", "path");
        JsonNode deletion =
                sender.decided(sender.github("push", HookSender.newId(), Payloads.bytes("github/push-deleted")));
        assertThat(deletion.at("/events/0/refusals/0/rule").stringValue()).isEqualTo("deletion");
        assertThat(builds()).isZero();
    }

    @Test
    void oneDeliveryLeadsToSeveralBuildsAndEachIsMadeOnce() throws IOException {
        HookSender sender = HookSender.to(
                tenant,
                "bitbucket_cloud",
                source().replace("}", ", 'fullName': 'team_name/repo_name'}") + ", 'events': ['push', 'tag']");
        byte[] body = new String(Payloads.bytes("bitbucket_cloud/push"), UTF_8)
                .replace("709d658dc5b6d6afcd46049c2f332ee3f515a67d", second)
                .replace("1e65c05c1d5171631d92438a13901ca7dae9618c", first)
                .getBytes(UTF_8);
        JsonNode delivery = sender.decided(sender.send(
                body,
                "X-Event-Key",
                "repo:push",
                "X-Request-UUID",
                HookSender.newId(),
                "X-Hub-Signature",
                "sha256=" + HookSender.hex(sender.secret(), body)));
        assertThat(delivery.path("state").stringValue()).isEqualTo("built");
        assertThat(delivery.path("events").size()).isEqualTo(3);
        assertThat(build(delivery, 0).path("id"))
                .isNotEqualTo(build(delivery, 1).path("id"));
        assertThat(delivery.at("/events/2/refusals/0/rule").stringValue()).isEqualTo("deletion");
        assertThat(builds()).isEqualTo(2);
    }

    @Test
    void aPullRequestOfBitbucketIsBuiltIfItsBranchIsStillThere() throws IOException {
        HookSender sender = HookSender.to(
                tenant,
                "bitbucket_cloud",
                source().replace("}", ", 'fullName': 'team_name/repo_name'}") + ", 'events': ['pull_request']");
        ObjectId head = commit("refs/heads/branch2", "three", null);
        JsonNode built = sender.decided(request(sender, head.name()));
        assertThat(built.path("state").stringValue()).as(built.toString()).isEqualTo("built");
        assertThat(built.at("/events/0/commit").stringValue()).isEqualTo(head.name());
        JsonNode moved = sender.decided(request(sender, first));
        assertThat(moved.at("/events/0/refusals/0/rule").stringValue()).isEqualTo("commit");
        assertThat(builds()).isEqualTo(1);
    }

    private static ApiClient.Answer request(HookSender sender, String commit) throws IOException {
        byte[] body = new String(Payloads.bytes("bitbucket_cloud/pullrequest"), UTF_8)
                .replace("d3022fc0ca3d", commit.substring(0, 12))
                .getBytes(UTF_8);
        return sender.send(
                body,
                "X-Event-Key",
                "pullrequest:updated",
                "X-Request-UUID",
                HookSender.newId(),
                "X-Hub-Signature",
                "sha256=" + HookSender.hex(sender.secret(), body));
    }

    @Test
    void pathsAreAskedOfTheRepositoryWhereTheHostDoesNotTellThem() throws IOException {
        ObjectId base = ObjectId.fromString(first);
        String docs = new GitRepositories.Commit(repository)
                .file("Dockerfile", "FROM scratch\nCOPY file /\n")
                .file("file", "one")
                .file("docs/page", "new")
                .commit("refs/heads/docs", base, Instant.EPOCH)
                .name();
        StoredConfig config = repository.getConfig();
        config.setBoolean("uploadpack", null, "allowFilter", true);
        config.save();
        HookSender requests =
                HookSender.to(tenant, "generic", source() + ", 'events': ['pull_request'], 'paths': ['docs/**']");
        // It left master before `file` was changed there.
        assertThat(refusals(request(requests, docs, "docs"))).isEmpty();
        assertThat(refusals(request(
                        requests, commit("refs/heads/code", "three", base).name(), "code")))
                .containsExactly("path");

        HookSender pushes = HookSender.to(
                tenant,
                "bitbucket_cloud",
                source().replace("}", ", 'fullName': 'team/app'}") + ", 'paths': ['docs/**']");
        assertThat(refusals(pushes.decided(bitbucket(pushes, second, first)))).containsExactly("path");
        assertThat(refusals(pushes.decided(bitbucket(pushes, docs, first)))).isEmpty();
        JsonNode unknown = pushes.decided(bitbucket(pushes, second, "1".repeat(40)));
        assertThat(unknown.path("state").stringValue()).as(unknown.toString()).isEqualTo("built");
        assertThat(unknown.at("/events/0/notes/0").stringValue()).contains("is not known");
    }

    private static JsonNode request(HookSender sender, String commit, String branch) throws IOException {
        String body = "{'repository': 'Codertocat/Hello-World', 'ref': 'refs/heads/" + branch + "', 'commit': '"
                + commit + "', 'pullRequest': 7, 'targetBranch': 'master', 'fork': false}";
        return sender.decided(
                sender.standard(HookSender.newId(), body.replace('\'', '"').getBytes(UTF_8)));
    }

    private static List<String> refusals(JsonNode delivery) {
        return delivery.at("/events/0/refusals")
                .valueStream()
                .map(refusal -> refusal.path("rule").stringValue())
                .toList();
    }

    @Test
    void whoHasSeenADeliveryOfBitbucketMovesNoImageBackWithIt() throws IOException {
        HookSender sender =
                HookSender.to(tenant, "bitbucket_cloud", source().replace("}", ", 'fullName': 'team/app'}"));
        JsonNode older = sender.decided(bitbucket(sender, first));
        JsonNode newer = sender.decided(bitbucket(sender, second));
        assertThat(List.of(older, newer))
                .extracting(delivery -> delivery.path("state").stringValue())
                .containsOnly("built");
        JsonNode replayed = sender.decided(bitbucket(sender, first));
        assertThat(replayed.path("repeats")).isEqualTo(older.path("id"));
        assertThat(replayed.at("/events/0/refusals/0/rule").stringValue()).isEqualTo("replay");
        assertThat(sender.decided(bitbucket(sender, second))
                        .at("/events/0/refusals/0/rule")
                        .stringValue())
                .as("it was built last")
                .isEqualTo("replay");
        RefUpdate back = repository.updateRef("refs/heads/master");
        back.setNewObjectId(ObjectId.fromString(first));
        assertThat(back.forceUpdate()).isEqualTo(RefUpdate.Result.FORCED);
        JsonNode news = sender.decided(bitbucket(sender, first));
        assertThat(news.path("state").stringValue()).as(news.toString()).isEqualTo("built");
        assertThat(builds()).isEqualTo(3);
    }

    /** A push to master, told in the same words each time. */
    private static ApiClient.Answer bitbucket(HookSender sender, String commit) throws IOException {
        return bitbucket(sender, commit, "0".repeat(40));
    }

    private static ApiClient.Answer bitbucket(HookSender sender, String commit, String before) throws IOException {
        return bitbucket(sender, commit, before, "master");
    }

    private static ApiClient.Answer bitbucket(HookSender sender, String commit, String before, String branch)
            throws IOException {
        byte[] body = """
                {"repository": {"full_name": "team/app"},
                 "push": {"changes": [{"old": {"type": "branch", "name": "%3$s", "target": {"hash": "%1$s"}},
                                       "new": {"type": "branch", "name": "%3$s", "target": {"hash": "%2$s"}}}]}}
                """.formatted(before, commit, branch).getBytes(UTF_8);
        return sender.send(
                body,
                "X-Event-Key",
                "repo:push",
                "X-Request-UUID",
                HookSender.newId(),
                "X-Hub-Signature",
                "sha256=" + HookSender.hex(sender.secret(), body));
    }

    @Test
    void howOftenSomethingCameWithoutItsSignatureStandsBesideTheLog() throws IOException {
        HookSender sender = github("");
        assertThat(refused(sender).isMissingNode()).isTrue();
        for (int i = 0; i < 3; i++) {
            assertThat(sender.send(push(first), "X-GitHub-Event", "push").status())
                    .isEqualTo(404);
        }
        Awaitility.await("what was refused")
                .atMost(Duration.ofSeconds(30))
                .untilAsserted(
                        () -> assertThat(refused(sender).path("count").asInt(0)).isEqualTo(3));
        assertThat(Instant.parse(refused(sender).path("lastAt").stringValue())).isBeforeOrEqualTo(Instant.now());
        assertThat(tenant.as(Role.VIEWER)
                        .get(sender.deliveries())
                        .json()
                        .path("deliveries")
                        .size())
                .isZero();
    }

    private JsonNode refused(HookSender sender) throws IOException {
        return tenant.as(Role.VIEWER).get(sender.deliveries()).json().path("refused");
    }

    @Test
    void theSameDeliveryAtOnceAndAgainIsBuiltOnce() throws Exception {
        HookSender sender = github("");
        String id = HookSender.newId();
        List<Future<ApiClient.Answer>> answers = new ArrayList<>();
        try (ExecutorService hosts = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 50; i++) {
                answers.add(hosts.submit(() -> sender.github("push", id, push(first))));
            }
        }
        List<String> ids = new ArrayList<>();
        int duplicates = 0;
        for (Future<ApiClient.Answer> answer : answers) {
            assertThat(answer.get().status()).as(answer.get().text()).isEqualTo(202);
            ids.add(answer.get().json().path("id").stringValue());
            duplicates += answer.get().json().path("duplicate").booleanValue() ? 1 : 0;
        }
        assertThat(ids).containsOnly(ids.getFirst());
        assertThat(duplicates).isEqualTo(49);
        JsonNode delivery = sender.decided(answers.getFirst().get());
        assertThat(delivery.path("duplicates").intValue()).isEqualTo(49);
        // GitHub does not sign its id: who has caught a delivery can send it under another one.
        ApiClient.Answer replayed = sender.github("push", HookSender.newId(), push(first));
        assertThat(replayed.json().path("id").stringValue()).isEqualTo(ids.getFirst());
        assertThat(replayed.json().path("duplicate").booleanValue()).isTrue();
        assertThat(builds()).isEqualTo(1);
    }

    @Test
    void aSenderWithoutTimesInItsBodiesMaySayTheSameTwice() throws IOException {
        HookSender sender = HookSender.to(tenant, "generic", source());
        byte[] body = ("{\"ref\": \"refs/heads/master\", \"commit\": \"" + first + "\"}").getBytes(UTF_8);
        sender.decided(sender.standard("msg_1", body));
        assertThat(sender.standard("msg_1", body).json().path("duplicate").booleanValue())
                .isTrue();
        JsonNode again = sender.decided(sender.standard("msg_2", body));
        assertThat(again.path("state").stringValue()).isEqualTo("built");
        assertThat(builds()).isEqualTo(2);
    }

    @Test
    void whatIsNotSignedIsAnsweredLikeWhatDoesNotExist() throws IOException {
        HookSender sender = github("");
        byte[] body = push(first);
        ApiClient.Answer wrong = sender.send(
                body, "X-GitHub-Event", "push", "X-Hub-Signature-256", "sha256=" + HookSender.hex("other", body));
        ApiClient nobody = new ApiClient(service.url(), null);
        ApiClient.Answer unknown = nobody.post(
                "/v1/webhooks/github/trg_01kb6y3v7mzq0v5m9d8c2w4x7t",
                body,
                "X-Hub-Signature-256",
                "sha256=" + HookSender.hex(sender.secret(), body));
        ApiClient.Answer otherHost = nobody.post(
                "/v1/webhooks/gitea/" + sender.id(), body, "X-Gitea-Signature", HookSender.hex(sender.secret(), body));
        for (ApiClient.Answer answer : List.of(wrong, unknown, otherHost, sender.send(body))) {
            assertThat(answer.status()).isEqualTo(404);
            assertThat(answer.json().path("type").stringValue()).isEqualTo("/problems/webhook-refused");
            assertThat(answer.json().path("detail")).isEqualTo(wrong.json().path("detail"));
        }
        assertThat(tenant.as(Role.VIEWER)
                        .get(sender.deliveries())
                        .json()
                        .path("deliveries")
                        .size())
                .isZero();
        assertThat(nobody.post("/v1/webhooks/githup/" + sender.id(), body)
                        .json()
                        .path("type")
                        .stringValue())
                .isEqualTo("/problems/not-found");
    }

    @Test
    void bothSecretsAreGoodWhileTheyOverlap() throws IOException {
        HookSender sender = github("");
        String path = "/v1/projects/" + tenant.project() + "/triggers/" + sender.id() + "/secret";
        String newest = tenant.as(Role.MAINTAINER)
                .postJson(path, "{}")
                .json()
                .path("secret")
                .stringValue();
        assertThat(signed(sender, sender.secret(), 1)).isEqualTo(202);
        assertThat(signed(sender, newest, 2)).isEqualTo(202);
        assertThat(tenant.as(Role.MAINTAINER)
                        .send("DELETE", path + "/previous", BodyPublishers.noBody())
                        .status())
                .isEqualTo(204);
        assertThat(signed(sender, sender.secret(), 3)).isEqualTo(404);
        assertThat(signed(sender, newest, 4)).isEqualTo(202);
    }

    private static int signed(HookSender sender, String secret, int number) throws IOException {
        byte[] body = ("{\"number\": " + number + "}").getBytes(UTF_8);
        return sender.send(
                        body,
                        "X-GitHub-Event",
                        "ping",
                        "X-GitHub-Delivery",
                        HookSender.newId(),
                        "X-Hub-Signature-256",
                        "sha256=" + HookSender.hex(secret, body))
                .status();
    }

    @Test
    void aFormIsAcceptedAndSignedAsItIs() throws IOException {
        HookSender sender = github("");
        byte[] form = ("payload=" + URLEncoder.encode(new String(push(first), UTF_8), UTF_8)).getBytes(UTF_8);
        ApiClient.Answer answer = sender.send(
                form,
                "Content-Type",
                "application/x-www-form-urlencoded",
                "X-GitHub-Event",
                "push",
                "X-GitHub-Delivery",
                HookSender.newId(),
                "X-Hub-Signature-256",
                "sha256=" + HookSender.hex(sender.secret(), form));
        assertThat(sender.decided(answer).path("state").stringValue()).isEqualTo("built");
    }

    @Test
    void whatCannotBeSubmittedSaysWhy() throws IOException {
        String broken = new GitRepositories.Commit(repository)
                .file("Dockerfile", "FROM scratch\nCOPPY a b\n")
                .commit("refs/heads/broken", null, Instant.EPOCH)
                .name();
        HookSender sender = github("");
        JsonNode delivery = sender.decided(sender.github("push", HookSender.newId(), push(broken)));
        assertThat(delivery.path("state").stringValue()).isEqualTo("failed");
        assertThat(delivery.at("/events/0/problem/type").stringValue()).isEqualTo("/problems/dockerfile-invalid");
        assertThat(delivery.at("/events/0/problem/line").intValue()).isEqualTo(2);
        byte[] noJson = "{".getBytes(UTF_8);
        JsonNode unread = sender.decided(sender.github("push", HookSender.newId(), noJson));
        assertThat(unread.path("reason").stringValue()).contains("can't be read");
        byte[] noRef = new String(push(first), UTF_8)
                .replace("refs/heads/master", "refs/heads/\\u0000")
                .getBytes(UTF_8);
        HookSender cloud = HookSender.to(tenant, "bitbucket_cloud", source().replace("}", ", 'fullName': 'team/app'}"));
        for (JsonNode noText : List.of(
                sender.decided(sender.github("push", HookSender.newId(), noRef)),
                cloud.decided(bitbucket(cloud, first, "0".repeat(40), "\\u0000")))) {
            assertThat(noText.path("state").stringValue()).isEqualTo("ignored");
            assertThat(noText.path("reason").stringValue()).contains("U+0000");
        }
        assertThat(builds()).isZero();
    }

    @Test
    void aCommitThatIsNotThereYetIsTriedAgain() throws IOException {
        HookSender sender = github("");
        String missing = "0123456789abcdef0123456789abcdef01234567";
        ApiClient.Answer answer = sender.github("push", HookSender.newId(), push(missing));
        String path = sender.deliveries() + "/" + answer.json().path("id").stringValue();
        JsonNode delivery = Awaitility.await("a first attempt")
                .atMost(Duration.ofSeconds(30))
                .until(() -> tenant.as(Role.VIEWER).get(path).json(), shown -> shown.has("reason"));
        assertThat(delivery.path("state").stringValue()).isEqualTo("pending");
        assertThat(delivery.path("reason").stringValue())
                .contains("It is tried again.")
                .contains(missing);
        // Else it is fetched now and then while other tests count what lies there.
        String trigger = "/v1/projects/" + tenant.project() + "/triggers/" + sender.id();
        assertThat(tenant.as(Role.MAINTAINER)
                        .send("DELETE", trigger, BodyPublishers.noBody())
                        .status())
                .isEqualTo(204);
    }

    @Test
    void aDeliveryIsDecidedOnAgainAsTheTriggerIsNow() throws IOException {
        HookSender sender = github(", 'enabled': false");
        JsonNode ignored = sender.decided(sender.github("push", HookSender.newId(), push(first)));
        assertThat(ignored.at("/events/0/refusals/0/rule").stringValue()).isEqualTo("enabled");
        String trigger = "/v1/projects/" + tenant.project() + "/triggers/" + sender.id();
        assertThat(tenant.as(Role.MAINTAINER)
                        .send("PATCH", trigger, BodyPublishers.ofString("{\"enabled\": true}"))
                        .status())
                .isEqualTo(200);
        String path = sender.deliveries() + "/" + ignored.path("id").stringValue() + "/redeliver";
        ApiClient.Answer again = tenant.as(Role.BUILDER).post(path, new byte[0]);
        JsonNode built = sender.decided(again);
        assertThat(built.path("state").stringValue()).isEqualTo("built");
        assertThat(built.path("redeliveryOf")).isEqualTo(ignored.path("id"));
        assertThat(built.path("body")).isEqualTo(ignored.path("body"));
        assertThat(again.header("Location"))
                .endsWith(sender.deliveries() + "/" + built.path("id").stringValue());
        assertThat(tenant.as(Role.BUILDER)
                        .post(path.replace(ignored.path("id").stringValue(), "dlv_none"), new byte[0])
                        .json()
                        .path("type")
                        .stringValue())
                .isEqualTo("/problems/delivery-not-found");
    }

    @Test
    void aPingThatBitbucketDoesNotSignIsAnswered() throws IOException {
        HookSender sender = HookSender.to(tenant, "bitbucket_data_center", source());
        byte[] body = "{\"test\": true}".getBytes(UTF_8);
        assertThat(sender.send(body, "X-Event-Key", "diagnostics:ping").status())
                .isEqualTo(204);
        assertThat(sender.send(body, "X-Event-Key", "repo:refs_changed").status())
                .isEqualTo(404);
        assertThat(sender.send(body, "X-Event-Key", "diagnostics:ping", "X-Hub-Signature", "sha256=1")
                        .status())
                .isEqualTo(404);
    }

    @Test
    void anotherProjectSeesNoDeliveries() throws IOException {
        HookSender sender = github("");
        JsonNode delivery = sender.decided(sender.github("ping", HookSender.newId(), "{}".getBytes(UTF_8)));
        Tenant other = Tenant.in(service);
        HookSender own = HookSender.to(other, "github", source());
        String id = delivery.path("id").stringValue();
        for (String path : List.of(sender.deliveries(), sender.deliveries() + "/" + id, own.deliveries() + "/" + id)) {
            assertThat(other.as(Role.ADMIN).get(path).status()).as(path).isEqualTo(404);
        }
        assertThat(other.as(Role.ADMIN)
                        .post(own.deliveries() + "/" + id + "/redeliver", new byte[0])
                        .status())
                .isEqualTo(404);
    }

    @Test
    void whatIsTooLargeOrCompressedIsRefused() throws IOException {
        HookSender sender = github("");
        byte[] large = new byte[25 * 1024 * 1024 + 1];
        assertThat(sender.send(large).json().path("type").stringValue()).isEqualTo("/problems/content-too-large");
        assertThat(sender.send("{}".getBytes(UTF_8), "Content-Encoding", "gzip").status())
                .isEqualTo(415);
        ObjectNode json = (ObjectNode) JsonMapper.shared().readTree(push(first));
        json.put("padding", "x".repeat(3 * 1024 * 1024));
        JsonNode delivery = sender.decided(
                sender.github("push", HookSender.newId(), json.toString().getBytes(UTF_8)));
        assertThat(delivery.path("state").stringValue()).isEqualTo("built");
    }

    @Test
    void whatIsOldIsForgottenAndSoIsWhatADeletedTriggerHas() throws IOException {
        HookSender old = github("");
        HookSender deleted = github("");
        JsonNode kept = old.decided(old.github("ping", HookSender.newId(), "{\"n\": 1}".getBytes(UTF_8)));
        JsonNode outlived = old.decided(old.github("ping", HookSender.newId(), "{\"n\": 2}".getBytes(UTF_8)));
        deleted.decided(deleted.github("ping", HookSender.newId(), "{\"n\": 3}".getBytes(UTF_8)));
        tenant.as(Role.MAINTAINER)
                .send(
                        "DELETE",
                        "/v1/projects/" + tenant.project() + "/triggers/" + deleted.id(),
                        BodyPublishers.noBody());
        Database database = service.part(Database.class);
        database.run(transaction -> transaction.update(
                "update deliveries set received_at = received_at - interval '31 days' where id = ?",
                outlived.path("id").stringValue()));
        service.part(DeliverySweeper.class).sweep();
        JsonNode left = tenant.as(Role.VIEWER).get(old.deliveries()).json();
        assertThat(left.path("deliveries").size()).isEqualTo(1);
        assertThat(left.at("/deliveries/0/id")).isEqualTo(kept.path("id"));
        assertThat(database.<Boolean>inTransaction(transaction -> transaction
                        .first(
                                "select true as there from triggers where id = ?",
                                row -> row.flag("there"),
                                deleted.id())
                        .isPresent()))
                .isFalse();
    }
}
