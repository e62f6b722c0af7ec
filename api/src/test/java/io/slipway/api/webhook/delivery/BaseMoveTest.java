package io.slipway.api.webhook.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.api.testing.ApiClient;
import io.slipway.api.testing.RunningService;
import io.slipway.api.testing.Tenant;
import io.slipway.api.webhook.host.StandardWebhooks;
import io.slipway.db.Channel;
import io.slipway.db.Database;
import io.slipway.db.access.Role;
import io.slipway.db.base.BaseRebuilds;
import io.slipway.db.base.WatchedBases;
import io.slipway.remote.testing.GitHttpServer;
import io.slipway.remote.testing.GitRepositories;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.eclipse.jgit.lib.RefUpdate;
import org.eclipse.jgit.lib.Repository;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Bases that move, up to the builds that are queued again; the registry is the test's, and so is what builds have found. */
final class BaseMoveTest {
    private static final String SECRET = "a-secret-of-a-registry-with-enough-characters";
    private static final String A = BaseRegistry.digest('a');
    private static final String B = BaseRegistry.digest('b');

    private static RunningService service;

    private Tenant tenant;
    private BaseRegistry registry;

    @TempDir
    private Path folder;

    private Repository repository;
    private GitHttpServer git;
    private String commit;

    /** Nothing is looked at but when a registry tells, and once when it is new. */
    @BeforeAll
    static void start() throws IOException {
        service = RunningService.start(
                "slipway.context.denied-networks=",
                "slipway.bases.poll=0",
                "slipway.registries[0].host=hub.invalid",
                "slipway.registries[0].mirrors[0]=http://127.0.0.1:1/proxy",
                "slipway.registries[0].webhook-secret=" + SECRET);
    }

    @AfterAll
    static void stop() throws IOException {
        service.close();
    }

    @BeforeEach
    void serve() throws IOException {
        tenant = Tenant.in(service);
        registry = new BaseRegistry();
        repository = GitRepositories.create(folder.resolve("app.git"));
        commit = new GitRepositories.Commit(repository)
                .file("Dockerfile", "FROM scratch\nCOPY file /\n")
                .file("file", "one")
                .commit("refs/heads/main", null, Instant.EPOCH)
                .name();
        git = GitHttpServer.open(folder);
    }

    @AfterEach
    void stopServers() {
        git.close();
        repository.close();
        registry.close();
    }

    private HookSender trigger(Tenant of, String members) throws IOException {
        return HookSender.to(
                of, "generic", "'repository': {'url': '" + git.url() + "/app.git', 'fullName': 'team/app'}" + members);
    }

    private static final String REBUILD =
            ", 'rebuildOnBase': true, 'build': {'tag': 'registry.example/app:{branch}', 'buildArg': {'SHA': '{sha}'}}";

    /** A push whose build has succeeded, with the base as it is. */
    private String built(HookSender sender) throws IOException {
        JsonNode delivery = sender.decided(sender.standard(
                "msg_" + UUID.randomUUID(),
                ("{\"repository\": \"team/app\", \"ref\": \"refs/heads/main\", \"commit\": \"" + commit + "\"}")
                        .getBytes(UTF_8)));
        String build = delivery.at("/events/0/build").stringValue();
        ended(build, "succeeded", A);
        return build;
    }

    /** What a worker would have told. */
    private void ended(String build, String state, String base) {
        service.part(Database.class).run(transaction -> {
            transaction.update(
                    "insert into bases (build_id, name, reference, digest) values (?, ?, ?, ?)",
                    build,
                    registry.base(),
                    registry.base(),
                    base);
            transaction.update("""
                    update builds set state = ?, digest = case when ? = 'succeeded' then ? end,
                        media_type = 'application/vnd.oci.image.manifest.v1+json', image_bytes = 1, started_at = clock_timestamp(), finished_at = clock_timestamp()
                    where id = ?
                    """, state, state, "sha256:" + build, build);
        });
    }

    private JsonNode hook(Tenant of, String members) throws IOException {
        ApiClient.Answer made = of.as(Role.MAINTAINER)
                .postJson("/v1/projects/" + of.project() + "/registry-hooks", "{\"name\": \"ours\"" + members + "}");
        assertThat(made.status()).as(made.text()).isEqualTo(201);
        assertThat(made.header("Cache-Control")).isEqualTo("no-store");
        return made.json();
    }

    private String events() {
        return """
                {"events": [
                  {"action": "pull", "target": {"repository": "team/base", "tag": "0"}, "request": {"host": "HOST"}},
                  {"action": "push", "target": {"repository": "team/base", "digest": "sha256:0"}, "request": {"host": "HOST"}},
                  {"id": "1", "action": "push", "target": {"repository": "team/base", "tag": "1", "digest": "sha256:lie"},
                   "request": {"host": "HOST", "method": "PUT"}, "source": {"addr": "x"}}]}
                """.replace("HOST", registry.host());
    }

    private static ApiClient.Answer tell(String hook, String secret, String body) throws IOException {
        return new ApiClient(service.url(), null)
                .post(
                        "/v1/webhooks/registry/" + hook,
                        body.getBytes(UTF_8),
                        "Content-Type",
                        "application/vnd.docker.distribution.events.v2+json",
                        "Authorization",
                        "Bearer " + secret);
    }

    private static ApiClient.Answer tell(JsonNode hook, String body) throws IOException {
        return tell(hook.path("id").stringValue(), hook.path("secret").stringValue(), body);
    }

    private JsonNode awaitBase(Tenant of, Predicate<JsonNode> condition) {
        return Awaitility.await("the base")
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(200))
                .until(
                        () -> {
                            hurry();
                            return of.as(Role.VIEWER)
                                    .get("/v1/projects/" + of.project() + "/bases")
                                    .json()
                                    .path("bases")
                                    .path(0);
                        },
                        condition);
    }

    /** What the service does every ten seconds, and what it puts off for less, at once. What failed waits for longer. */
    private static void hurry() {
        service.part(WatchedBases.class).refresh(null);
        var _ = service.part(BaseRebuilds.class).note(null, Instant.now());
        service.part(Database.class).run(transaction -> transaction.update("""
                update watched_bases set due_at = clock_timestamp()
                where claim is null and due_at < clock_timestamp() + interval '6 seconds'
                """));
        service.part(Database.class).notify(Channel.BASES, "");
    }

    private static Predicate<JsonNode> means(String digest) {
        return base -> base.path("digest").asString("").equals(digest);
    }

    /** The newest delivery, once there are so many and all are decided on. */
    private JsonNode newest(Tenant of, HookSender sender, int count) {
        List<JsonNode> all = Awaitility.await("delivery " + count)
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(200))
                .until(
                        () -> {
                            hurry();
                            return of.as(Role.VIEWER)
                                    .get(sender.deliveries())
                                    .json()
                                    .path("deliveries")
                                    .valueStream()
                                    .toList();
                        },
                        deliveries -> deliveries.size() >= count
                                && deliveries.stream()
                                        .noneMatch(one ->
                                                one.path("state").stringValue().equals("pending")));
        assertThat(all).hasSize(count);
        return all.getFirst();
    }

    private JsonNode build(JsonNode delivery) throws IOException {
        return tenant.as(Role.VIEWER)
                .get("/v1/builds/" + delivery.at("/events/0/build").asString(""))
                .json();
    }

    private static List<String> rules(JsonNode delivery) {
        return delivery.at("/events/0/refusals")
                .valueStream()
                .map(refusal -> refusal.path("rule").stringValue())
                .toList();
    }

    @Test
    void aRegistryThatTellsIsAskedAndWhatItSaysIsBuiltAgain() throws IOException {
        HookSender sender = trigger(tenant, REBUILD);
        HookSender without = trigger(tenant, "");
        String first = built(sender);
        built(without);
        JsonNode hook = hook(tenant, "");
        awaitBase(tenant, means(A));
        assertThat(tell(hook, events()).json().path("tags").intValue()).isEqualTo(1);
        JsonNode same = awaitBase(tenant, base -> registry.asked().size() == 2 && !base.has("nextCheckAt"));
        assertThat(same.path("refs").intValue()).isEqualTo(1);
        registry.moves(B);
        assertThat(tell(hook, events()).status()).isEqualTo(202);
        JsonNode delivery = newest(tenant, sender, 2);
        assertThat(delivery.path("event").stringValue()).isEqualTo("base");
        assertThat(delivery.path("state").stringValue()).as(delivery.toString()).isEqualTo("built");
        JsonNode again = build(delivery);
        assertThat(again.path("tags").toString()).isEqualTo("[\"registry.example/app:main\"]");
        assertThat(again.path("cause").toString())
                .isEqualTo("{\"trigger\":\"" + sender.id() + "\",\"delivery\":\""
                        + delivery.path("id").stringValue()
                        + "\",\"event\":\"push\",\"ref\":\"refs/heads/main\",\"commit\":\""
                        + commit + "\",\"rebuildOf\":\"" + first + "\",\"movedBases\":[{\"reference\":\""
                        + registry.base() + "\",\"from\":\"" + A + "\",\"to\":\"" + B + "\"}]}");
        ended(again.path("id").stringValue(), "succeeded", B);
        assertThat(tell(hook, events()).status()).isEqualTo(202);
        awaitBase(tenant, base -> registry.asked().size() == 4 && !base.has("nextCheckAt"));
        newest(tenant, sender, 2);
        newest(tenant, without, 1);
        assertThat(registry.asked()).containsOnly("HEAD /v2/team/base/manifests/1");
        assertThat(tenant.as(Role.VIEWER)
                        .get("/v1/projects/" + tenant.project() + "/registry-hooks/"
                                + hook.path("id").stringValue())
                        .json()
                        .has("lastReceivedAt"))
                .isTrue();
    }

    @Test
    void aMoveThatIsToldWhileAnotherBuildIsUnderWayIsNotForgotten() throws IOException {
        HookSender sender = trigger(tenant, REBUILD);
        built(sender);
        JsonNode hook = hook(tenant, "");
        awaitBase(tenant, means(A));
        JsonNode push = sender.decided(sender.standard(
                "msg_" + UUID.randomUUID(),
                ("{\"repository\": \"team/app\", \"ref\": \"refs/heads/main\", \"commit\": \"" + commit + "\"}")
                        .getBytes(UTF_8)));
        registry.moves(B);
        tell(hook, events());
        awaitBase(tenant, means(B));
        newest(tenant, sender, 2);
        String found = push.at("/events/0/build").stringValue();
        ended(found, "succeeded", A); // it had looked before
        JsonNode delivery = newest(tenant, sender, 3);
        assertThat(build(delivery).at("/cause/rebuildOf").stringValue()).isEqualTo(found);
    }

    @Test
    void aTriggerThatSaysNoByNowAndABranchThatIsGoneAreNotBuiltAgain() throws IOException {
        HookSender sender = trigger(tenant, REBUILD + ", 'branches': ['main']");
        String trigger = sender.deliveries().replace("/deliveries", "");
        built(sender);
        JsonNode hook = hook(tenant, "");
        awaitBase(tenant, means(A));
        ApiClient.Answer patched = tenant.as(Role.MAINTAINER)
                .send(
                        "PATCH",
                        trigger,
                        BodyPublishers.ofString("{\"branches\": [\"x\"]}"),
                        "Content-Type",
                        "application/json");
        assertThat(patched.status()).as(patched.text()).isEqualTo(200);
        assertThat(patched.json().path("rebuildOnBase").booleanValue()).isTrue();
        registry.moves(B);
        tell(hook, events());
        assertThat(rules(newest(tenant, sender, 2))).containsExactly("branch");
        tenant.as(Role.MAINTAINER)
                .send(
                        "PATCH",
                        trigger,
                        BodyPublishers.ofString("{\"branches\": []}"),
                        "Content-Type",
                        "application/json");
        RefUpdate deletion = repository.updateRef("refs/heads/main");
        deletion.setForceUpdate(true);
        deletion.delete();
        registry.moves(BaseRegistry.digest('c'));
        tell(hook, events());
        assertThat(rules(newest(tenant, sender, 3))).containsExactly("deletion");
        awaitBase(tenant, JsonNode::isMissingNode);
    }

    @Test
    void whoeverAsksAgainForARebuildGetsIt() throws IOException {
        HookSender sender = trigger(tenant, REBUILD);
        built(sender);
        awaitBase(tenant, means(A));
        registry.moves(B);
        tell(hook(tenant, ""), events());
        JsonNode delivery = newest(tenant, sender, 2);
        ended(delivery.at("/events/0/build").stringValue(), "succeeded", B);
        JsonNode repeated = sender.decided(tenant.as(Role.BUILDER)
                .post(sender.deliveries() + "/" + delivery.path("id").stringValue() + "/redeliver", new byte[0]));
        assertThat(repeated.path("state").stringValue()).as(repeated.toString()).isEqualTo("built");
        assertThat(repeated.at("/events/0/build")).isNotEqualTo(delivery.at("/events/0/build"));
    }

    @Test
    void aRegistryThatGivesNoAnswerIsShownAndAskedAgainWhenItTells() throws IOException {
        registry.answers(503);
        HookSender sender = trigger(tenant, REBUILD);
        built(sender);
        JsonNode base = awaitBase(tenant, shown -> shown.has("error"));
        assertThat(base.path("error").stringValue()).contains(registry.host(), "503");
        assertThat(Instant.parse(base.path("nextCheckAt").stringValue()))
                .isAfter(Instant.now().plusSeconds(30));
        registry.answers(200);
        registry.moves(B);
        tell(hook(tenant, ""), events());
        assertThat(newest(tenant, sender, 2).path("state").stringValue()).isEqualTo("built");
        assertThat(awaitBase(tenant, means(B)).has("error")).isFalse();
    }

    @Test
    void nothingIsToldByWhoDoesNotKnowTheSecretNorOfAnotherProject() throws IOException {
        HookSender sender = trigger(tenant, REBUILD);
        built(sender);
        JsonNode hook = hook(tenant, "");
        awaitBase(tenant, means(A));
        Tenant other = Tenant.in(service);
        JsonNode others = hook(other, "");
        ApiClient.Answer wrong =
                tell(hook.path("id").stringValue(), others.path("secret").stringValue(), events());
        ApiClient.Answer unknown =
                tell("rgh_01kb6y3v7mzq0v5m9d8c2w4x7t", hook.path("secret").stringValue(), "{");
        assertThat(wrong.json().path("type").stringValue()).isEqualTo("/problems/webhook-refused");
        assertThat(unknown.text()
                        .replace(
                                "rgh_01kb6y3v7mzq0v5m9d8c2w4x7t",
                                hook.path("id").stringValue()))
                .isEqualTo(wrong.text());
        // The answer is the same whether anybody watches what is told; and what is told to another project changes
        // nothing here.
        ApiClient.Answer told = tell(others, events());
        ApiClient.Answer own = tell(hook, events().replace("team/base", "team/none"));
        assertThat(told.text()).isEqualTo(own.text());
        assertThat(awaitBase(tenant, _ -> true).has("nextCheckAt")).isFalse();
        assertThat(registry.asked()).hasSize(1);
        String collection = "/v1/projects/" + tenant.project() + "/registry-hooks";
        String one = collection + "/" + hook.path("id").stringValue();
        assertThat(tenant.as(Role.VIEWER).get(collection).text()).doesNotContain("secret");
        assertThat(other.as(Role.ADMIN).get(one).status()).isEqualTo(404);
        assertThat(other.as(Role.VIEWER)
                        .get("/v1/projects/" + tenant.project() + "/bases")
                        .status())
                .isEqualTo(404);
        assertThat(tenant.as(Role.MAINTAINER)
                        .send("DELETE", one, BodyPublishers.noBody())
                        .status())
                .isEqualTo(204);
        assertThat(tell(hook, events()).status()).isEqualTo(404);
    }

    @Test
    void aRegistryOfTheServiceTellsAllProjectsAndCanSign() throws IOException {
        HookSender sender = trigger(tenant, REBUILD);
        built(sender);
        awaitBase(tenant, means(A));
        registry.moves(B);
        // The service's settings call this registry otherwise, so that what it tells is about that.
        assertThat(tell("hub.invalid", SECRET, events()).status()).isEqualTo(202);
        assertThat(awaitBase(tenant, _ -> true).has("nextCheckAt")).isFalse();
        JsonNode hook = hook(tenant, ", \"host\": \"" + registry.host() + "\"");
        byte[] body = events().replace(registry.host(), "inside.invalid").getBytes(UTF_8);
        long now = Instant.now().getEpochSecond();
        ApiClient.Answer signed = new ApiClient(service.url(), null)
                .post(
                        "/v1/webhooks/registry/" + hook.path("id").stringValue(),
                        body,
                        "Content-Type",
                        "application/json",
                        "webhook-id",
                        "msg_1",
                        "webhook-timestamp",
                        Long.toString(now),
                        "webhook-signature",
                        StandardWebhooks.sign(hook.path("secret").stringValue(), "msg_1", now, body));
        assertThat(signed.status()).as(signed.text()).isEqualTo(202);
        newest(tenant, sender, 2);
    }

    @Test
    void whatIsNoNotificationIsRefused() throws IOException {
        JsonNode hook = hook(tenant, "");
        assertThat(tell(hook, "{\"event\": 1}").json().path("hint").stringValue())
                .contains("references");
        assertThat(tell(hook, "{\"references\": [\"Bad Name\"]}").status()).isEqualTo(400);
        assertThat(tell(hook, "{\"references\": [\"a/b@" + A + "\", \"a/b\"]}")
                        .json()
                        .path("tags")
                        .intValue())
                .isEqualTo(1);
        assertThat(tell(hook, "[]").status()).isEqualTo(400);
        for (String body : List.of("{}", "{\"name\": \"x\", \"host\": \"a b\"}", "{\"name\": \"x\", \"more\": 1}")) {
            assertThat(tenant.as(Role.MAINTAINER)
                            .postJson("/v1/projects/" + tenant.project() + "/registry-hooks", body)
                            .status())
                    .as(body)
                    .isEqualTo(400);
        }
    }

    @Test
    void aServiceThatPollsFindsItByItself() throws IOException {
        try (RunningService polling =
                RunningService.start("slipway.context.denied-networks=", "slipway.bases.poll=1s")) {
            Tenant there = Tenant.in(polling);
            HookSender sender = trigger(there, REBUILD);
            JsonNode delivery = sender.decided(sender.standard(
                    "msg_" + UUID.randomUUID(),
                    ("{\"repository\": \"team/app\", \"ref\": \"refs/heads/main\", \"commit\": \"" + commit + "\"}")
                            .getBytes(UTF_8)));
            polling.part(Database.class).run(transaction -> {
                String build = delivery.at("/events/0/build").stringValue();
                transaction.update(
                        "insert into bases (build_id, name, reference, digest) values (?, ?, ?, ?)",
                        build,
                        registry.base(),
                        registry.base(),
                        A);
                transaction.update("""
                        update builds set state = 'succeeded', digest = ?,
                            media_type = 'application/vnd.oci.image.manifest.v1+json', image_bytes = 1, started_at = clock_timestamp(),
                            finished_at = clock_timestamp()
                        where id = ?
                        """, A, build);
            });
            awaitBase(there, means(A));
            registry.moves(B);
            JsonNode rebuilt = newest(there, sender, 2);
            assertThat(rebuilt.path("state").stringValue()).isEqualTo("built");
            int asked = registry.asked().size();
            awaitBase(there, _ -> registry.asked().size() > asked + 2);
            newest(there, sender, 2);
        }
    }
}
