package io.slipway.api.webhook.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.api.testing.ApiClient;
import io.slipway.api.testing.RunningService;
import io.slipway.api.testing.ServiceExtension;
import io.slipway.api.testing.Tenant;
import io.slipway.api.webhook.host.Payloads;
import io.slipway.api.webhook.trigger.AppKeys;
import io.slipway.db.Database;
import io.slipway.db.access.Role;
import io.slipway.db.build.BuildQueue;
import io.slipway.db.build.ClaimedBuild;
import io.slipway.db.build.Failure;
import io.slipway.remote.testing.GitHttpServer;
import io.slipway.remote.testing.GitRepositories;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.awaitility.Awaitility;
import org.eclipse.jgit.lib.Repository;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Which check runs GitHub is told of, by a stand-in for its API. */
@ExtendWith(ServiceExtension.class)
final class CheckRunTest {
    private static final String RECORDED = "6113728f27ae82c7b1a177c8d03f9e96e0adf246";

    private RunningService service;
    private Tenant tenant;

    @TempDir
    private Path folder;

    private GitHttpServer git;
    private GitHubApi github;
    private String commit;

    CheckRunTest(RunningService service) throws IOException {
        this.service = service;
        this.tenant = Tenant.in(service);
    }

    @BeforeEach
    void startServers() throws IOException {
        try (Repository repository = GitRepositories.create(folder.resolve("Codertocat/Hello-World.git"))) {
            commit = new GitRepositories.Commit(repository)
                    .file("app/Dockerfile", "FROM scratch\nCOPY Dockerfile /\n")
                    .file("wrong/Dockerfile", "FROM scratch\nCOPPY Dockerfile /\n")
                    .commit("refs/heads/master", null, Instant.EPOCH)
                    .name();
        }
        git = GitHttpServer.open(folder);
        github = new GitHubApi();
    }

    @AfterEach
    void stopServers() {
        github.close();
        git.close();
    }

    private HookSender sender(String subdirectory, String key) throws IOException {
        return HookSender.to(
                tenant,
                "github",
                "'repository': {'url': '" + git.url() + "/Codertocat/Hello-World.git', 'subdirectory': '" + subdirectory
                        + "'}, 'status': {'apiUrl': '" + github.url() + "', 'context': 'slipway & {event}',"
                        + " 'checkRun': {'appId': '" + GitHubApi.APP + "', 'installationId': " + GitHubApi.INSTALLATION
                        + ", 'privateKey': '" + key.replace("\n", "\\n") + "'}}");
    }

    private HookSender sender() throws IOException {
        return sender("app", github.key());
    }

    private JsonNode push(HookSender sender) throws IOException {
        byte[] body = new String(Payloads.bytes("github/push-branch"), UTF_8)
                .replace(RECORDED, commit)
                .getBytes(UTF_8);
        return sender.decided(sender.github("push", HookSender.newId(), body));
    }

    private static String build(JsonNode delivery) {
        return delivery.at("/events/0/build").stringValue();
    }

    private void cancel(String build) throws IOException {
        assertThat(tenant.as(Role.BUILDER)
                        .postJson("/v1/builds/" + build + "/cancel", "")
                        .status())
                .isLessThan(300);
    }

    private void awaitCalls(String... calls) {
        Awaitility.await("what GitHub is told")
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(50))
                .untilAsserted(() -> assertThat(github.calls()).containsExactly(calls));
    }

    /** The status in the delivery's log, once it is so. */
    private JsonNode awaitStatus(HookSender sender, JsonNode delivery, String member, String text) {
        String path = sender.deliveries() + "/" + delivery.path("id").stringValue();
        return Awaitility.await("the status's " + member)
                .atMost(Duration.ofSeconds(30))
                .until(
                        () -> tenant.as(Role.VIEWER).get(path).json().at("/events/0/statuses/0"),
                        status -> status.path(member).asString("").contains(text));
    }

    /** One of the test's own: in the shared one, another test's build could be claimed. */
    private RunningService ownService() throws IOException {
        service = RunningService.start("slipway.context.denied-networks=");
        tenant = Tenant.in(service);
        return service;
    }

    private ClaimedBuild claim() {
        return service.part(BuildQueue.class)
                .claim("wrk_1", null, new byte[32], Duration.ofMinutes(5))
                .orElseThrow();
    }

    private void fail(ClaimedBuild claimed, Failure failure) {
        service.part(BuildQueue.class).failClaimed(claimed.build().id(), claimed.fencingToken(), failure);
    }

    @Test
    void aBuildHasOneCheckRunThatGoesWithIt() throws IOException {
        try (RunningService own = ownService()) {
            HookSender sender = sender();
            JsonNode delivery = push(sender);
            awaitCalls("POST access_tokens 201", "POST check-runs 201 queued");
            awaitStatus(sender, delivery, "sent", "queued");
            ClaimedBuild claimed = claim();
            awaitStatus(sender, delivery, "sent", "in_progress");
            ObjectNode running = github.runs().getFirst();
            assertThat(running.path("status").stringValue()).isEqualTo("in_progress");
            assertThat(running.has("started_at")).isTrue();
            fail(claimed, new Failure("step_failed", "The command exited with status 3.", "RUN x", 2, 3, null));
            awaitStatus(sender, delivery, "sent", "failure");
            awaitCalls(
                    "POST access_tokens 201",
                    "POST check-runs 201 queued",
                    "PATCH check-runs 200 in_progress",
                    "GET check-runs 200",
                    "PATCH check-runs 200 failure");
            assertThat(github.runs()).hasSize(1);
            ObjectNode run = github.runs().getFirst();
            assertThat(run.path("name").stringValue()).isEqualTo("slipway & push");
            assertThat(run.path("head_sha").stringValue()).isEqualTo(commit);
            assertThat(run.path("external_id").stringValue()).isEqualTo(build(delivery));
            assertThat(run.path("details_url").stringValue()).isEqualTo(own.url() + "/builds/" + build(delivery));
            assertThat(run.path("status").stringValue()).isEqualTo("completed");
            assertThat(run.path("started_at")).isEqualTo(running.path("started_at"));
            assertThat(run.has("completed_at")).isTrue();
            assertThat(run.at("/output/annotations/0/path").stringValue()).isEqualTo("app/Dockerfile");
            assertThat(run.at("/output/annotations/0/start_line").intValue()).isEqualTo(2);
            assertThat(run.at("/output/annotations/0/message").stringValue())
                    .isEqualTo("The command exited with status 3.");
        }
    }

    @Test
    void aLineIsMarkedOnceAlsoIfTheAnswerWasLost() throws IOException {
        try (RunningService _ = ownService()) {
            HookSender sender = sender();
            JsonNode delivery = push(sender);
            ClaimedBuild claimed = claim();
            awaitStatus(sender, delivery, "sent", "in_progress");
            github.lose("PATCH");
            fail(claimed, new Failure("base_not_found", "Gone.", "FROM x", 1, null, null));
            awaitStatus(sender, delivery, "sent", "failure");
            assertThat(github.calls())
                    .endsWith("PATCH check-runs lost failure", "GET check-runs 200", "PATCH check-runs 200 failure");
            assertThat(github.runs().getFirst().at("/output/annotations").size())
                    .isEqualTo(1);
        }
    }

    @Test
    void theKeyIsNeverShown() throws IOException {
        HookSender sender = sender();
        JsonNode delivery = push(sender);
        awaitStatus(sender, delivery, "sent", "queued");
        String trigger = "/v1/projects/" + tenant.project() + "/triggers/" + sender.id();
        ApiClient.Answer shown = tenant.as(Role.ADMIN).get(trigger);
        assertThat(shown.json().path("confidential").toString()).isEqualTo("[\"/status/checkRun/privateKey\"]");
        assertThat(shown.json().at("/status/checkRun").toString())
                .isEqualTo("{\"appId\":\"" + GitHubApi.APP + "\",\"installationId\":" + GitHubApi.INSTALLATION + "}");
        String rows = service.part(Database.class)
                .inTransaction(transaction -> transaction.list(
                        "select t::text || s::text as stored from triggers t join commit_statuses s on s.trigger_id = t.id where t.project = ?",
                        row -> row.text("stored"),
                        tenant.project()))
                .toString();
        assertThat(rows).contains(GitHubApi.APP).doesNotContain("PRIVATE KEY", "hidden");
    }

    @Test
    void aCheckRunWhoseAnswerWasLostIsNotMadeTwice() throws IOException {
        github.lose("POST");
        HookSender sender = sender();
        JsonNode delivery = push(sender);
        awaitStatus(sender, delivery, "sent", "queued");
        cancel(build(delivery));
        awaitCalls(
                "POST access_tokens 201",
                "POST check-runs lost queued",
                "GET check-runs 200",
                "PATCH check-runs 200 queued",
                "PATCH check-runs 200 cancelled");
        assertThat(github.runs()).hasSize(1);
    }

    @Test
    void aHostThatIsAwayIsToldLaterAndOnlyWhatIsTrueThen() throws IOException {
        github.fail("POST", 403, "Retry-After", "1");
        github.fail("POST", 503, "Retry-After", "8"); // long enough for the build to be cancelled meanwhile
        HookSender sender = sender();
        JsonNode delivery = push(sender);
        awaitStatus(sender, delivery, "error", "503");
        cancel(build(delivery));
        awaitStatus(sender, delivery, "sent", "cancelled");
        assertThat(github.calls())
                .startsWith(
                        "POST access_tokens 201",
                        "POST check-runs 403 queued",
                        "GET check-runs 200",
                        "POST check-runs 503 queued",
                        "GET check-runs 200")
                .endsWith("POST check-runs 201 cancelled")
                .hasSize(6);
        assertThat(github.runs()).hasSize(1);
    }

    @Test
    void aTokenThatIsNotTakenAnyMoreIsReplaced() throws IOException {
        HookSender sender = sender();
        JsonNode delivery = push(sender);
        awaitStatus(sender, delivery, "sent", "queued");
        github.revoke();
        cancel(build(delivery));
        awaitCalls(
                "POST access_tokens 201",
                "POST check-runs 201 queued",
                "PATCH check-runs 401 cancelled",
                "POST access_tokens 201",
                "PATCH check-runs 200 cancelled");
    }

    @Test
    void whoDoesNotHaveTheKeyDoesNotGetTheTokenOfWhoHas() throws IOException {
        HookSender first = sender();
        awaitStatus(first, push(first), "sent", "queued");
        HookSender other = sender("app", AppKeys.pkcs1(AppKeys.rsa(2048)));
        JsonNode delivery = push(other);
        JsonNode status = awaitStatus(other, delivery, "error", "401");
        assertThat(status.path("error").stringValue())
                .contains("not of one App")
                .doesNotContain("hidden");
        assertThat(build(delivery)).as("the build is there all the same").startsWith("bld_");
    }

    @Test
    void aMistakeInTheDockerfileIsACheckRunThatHasFailed() throws IOException {
        HookSender sender = sender("wrong", github.key());
        JsonNode delivery = push(sender);
        assertThat(delivery.path("state").stringValue()).isEqualTo("failed");
        awaitCalls("POST access_tokens 201", "POST check-runs 201 failure");
        ObjectNode run = github.runs().getFirst();
        assertThat(run.at("/output/title").stringValue()).isEqualTo("There is no build");
        assertThat(run.at("/output/annotations/0/path").stringValue()).isEqualTo("wrong/Dockerfile");
        assertThat(run.at("/output/annotations/0/start_line").intValue()).isEqualTo(2);
    }

    @Test
    void anotherBuildOfTheCommitHasACheckRunOfItsOwn() throws IOException {
        HookSender sender = sender();
        JsonNode delivery = push(sender);
        awaitStatus(sender, delivery, "sent", "queued");
        ApiClient.Answer again = tenant.as(Role.MAINTAINER)
                .postJson(sender.deliveries() + "/" + delivery.path("id").stringValue() + "/redeliver", "");
        String second = build(sender.decided(again));
        awaitCalls("POST access_tokens 201", "POST check-runs 201 queued", "POST check-runs 201 queued");
        assertThat(github.runs())
                .extracting(run -> run.path("external_id").stringValue())
                .isEqualTo(List.of(build(delivery), second));
    }

    @Test
    void aCheckRunThatIsGoneIsMadeAnew() throws IOException {
        HookSender sender = sender();
        JsonNode delivery = push(sender);
        awaitStatus(sender, delivery, "sent", "queued");
        github.forget();
        cancel(build(delivery));
        awaitCalls(
                "POST access_tokens 201",
                "POST check-runs 201 queued",
                "PATCH check-runs 404 cancelled",
                "GET check-runs 200",
                "POST check-runs 201 cancelled");
    }
}
