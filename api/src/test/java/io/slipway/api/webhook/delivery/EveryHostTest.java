package io.slipway.api.webhook.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.slipway.api.testing.ApiClient;
import io.slipway.api.testing.RunningService;
import io.slipway.api.testing.ServiceExtension;
import io.slipway.api.testing.Tenant;
import io.slipway.api.webhook.host.Payloads;
import io.slipway.db.access.Role;
import io.slipway.remote.testing.GitHttpServer;
import io.slipway.remote.testing.GitRepositories;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.Repository;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What every git host delivers, in each of its forms and for each kind of event that it has, from its HTTP request to the build and back to the host's API: with
 * the host's header fields and its own proof, and nobody else's.
 */
@ExtendWith(ServiceExtension.class)
final class EveryHostTest {
    /**
     * Form, event in the host's words, payload, repository in the host's words, the event's kind, its ref, the beginning of the payload's commit, and by what the image is
     * tagged: the branch or tag.
     */
    private static final String TABLE = """
            github                | push                | github/push-branch | Codertocat/Hello-World | push | refs/heads/master | 6113728f27ae | master
            github                | push                | github/push-tag | Codertocat/Hello-World | tag | refs/tags/simple-tag | 6113728f27ae | simple-tag
            github                | pull_request        | github/pull_request-synchronize | Codertocat/Hello-World | pull_request | refs/pull/2/head | ec26c3e57ca3 | changes
            gitlab_token          | Push Hook           | gitlab/push-branch | gitlab-org/hello-world | push | refs/heads/master | 2adc9465c4ed | master
            gitlab_token          | System Hook         | gitlab/push-branch | gitlab-org/hello-world | push | refs/heads/master | 2adc9465c4ed | master
            gitlab_token          | Tag Push Hook       | gitlab/tag_push | jsmith/example | tag | refs/tags/v1.0.0 | 82b3d5ae55f7 | v1.0.0
            gitlab_token          | Merge Request Hook  | gitlab/merge_request-update | anbraten/woodpecker | pull_request | refs/merge-requests/3/head | c136499ec574 | anbraten-main-patch-05373
            gitlab_signed         | Push Hook           | gitlab/push-branch | gitlab-org/hello-world | push | refs/heads/master | 2adc9465c4ed | master
            gitlab_signed         | Tag Push Hook       | gitlab/tag_push-lightweight | gitlab-org/hello-world | tag | refs/tags/v1.0.0 | 2adc9465c4ed | v1.0.0
            gitlab_signed         | Merge Request Hook  | gitlab/merge_request-open | demoaccount2-commits-group/test_ci_tmp | pull_request | refs/merge-requests/3/head | 2f7670508b77 | real6543-main-patch-42541
            gitea                 | push                | gitea/push | gitea/webhooks | push | refs/heads/develop | bffeb7422404 | develop
            gitea                 | push                | gitea/push-tag | meisam/woodpecktester | tag | refs/tags/v1.0 | 28c3613ae626 | v1.0
            gitea                 | pull_request        | gitea/pull_request-synchronized | Test-CI/multi-line-secrets | pull_request | refs/pull/2/head | 788ed8d02d3b | test-patch-1
            forgejo               | push                | forgejo/push-several_commits | Test-CI/multi-line-secrets | push | refs/heads/main | 29be01c07385 | main
            forgejo               | push                | gitea/push-tag | meisam/woodpecktester | tag | refs/tags/v1.0 | 28c3613ae626 | v1.0
            forgejo               | pull_request        | gitea/pull_request-synchronized | Test-CI/multi-line-secrets | pull_request | refs/pull/2/head | 788ed8d02d3b | test-patch-1
            bitbucket_cloud       | repo:push           | bitbucket_cloud/push-branch | martinherren1984/publictestrepo | push | refs/heads/main | c14c1bb05dfb | main
            bitbucket_cloud       | repo:push           | bitbucket_cloud/push-tag | acme/tds.cm.maven.plugins-java | tag | refs/tags/test | fee1dcdb330d | test
            bitbucket_cloud       | pullrequest:updated | bitbucket_cloud/pullrequest-updated | nfalco79/test-repos | pull_request | refs/heads/release/release-1 | f945c96c71d0 | release-release-1
            bitbucket_data_center | repo:refs_changed   | bitbucket_data_center/refs_changed-branch | DEV/deployment-automation | push | refs/heads/renovate-all | 76797d54bca8 | renovate-all
            bitbucket_data_center | repo:refs_changed   | bitbucket_data_center/refs_changed-tag | AMUNIZ/test-repos | tag | refs/tags/v1.0 | fb522a6f08c7 | v1.0
            bitbucket_data_center | pr:opened           | bitbucket_data_center/pr_opened-branch | AMUNIZ/test-repos | pull_request | refs/pull-requests/1/from | 251fce291f08 | feature-diffstat
            bitbucket_server      | repo:refs_changed   | bitbucket_data_center/refs_changed-branch | DEV/deployment-automation | push | refs/heads/renovate-all | 76797d54bca8 | renovate-all
            generic               | webhook             | - | team/app | push | refs/heads/main | 0123456789ab | main
            generic               | webhook             | - | team/app | tag | refs/tags/v1 | 0123456789ab | v1
            generic               | webhook             | - | team/app | pull_request | refs/heads/topic | 0123456789ab | topic
            """;

    @TempDir
    private static Path folder;

    private final RunningService service;
    private final Tenant tenant;
    private final GitHttpServer git;
    private final HttpServer api;
    private final List<String> told = new CopyOnWriteArrayList<>();

    EveryHostTest(RunningService service) throws IOException {
        this.service = service;
        this.tenant = Tenant.in(service);
        this.git = GitHttpServer.open(folder);
        this.api = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        api.start();
    }

    @AfterEach
    void stopServers() {
        api.stop(0);
        git.close();
    }

    /**
     * A line of the table.
     *
     * @param event the host's word for it
     * @param payload null for a sender that has none recorded
     * @param kind ours
     * @param recorded the beginning of the commit that the payload tells
     * @param tagged the image's tag
     */
    record Sent(
            HostForm form,
            String event,
            @Nullable String payload,
            String repository,
            String kind,
            String ref,
            String recorded,
            String tagged) {
        static Sent of(String line) {
            String[] cells = line.split("\\s*\\|\\s*");
            return new Sent(
                    HostForm.valueOf(cells[0].toUpperCase(Locale.ROOT)),
                    cells[1],
                    cells[2].equals("-") ? null : cells[2],
                    cells[3],
                    cells[4],
                    cells[5],
                    cells[6],
                    cells[7]);
        }

        /** What the host sends when this has happened at that commit; it may know only the beginning of the commit's id. */
        byte[] body(String commit) {
            String text = payload == null ? ownForm() : new String(Payloads.bytes(payload), UTF_8);
            assertThat(text).contains(recorded);
            return text.replaceAll(recorded + "[0-9a-f]{28}", commit)
                    .replace(recorded, commit.substring(0, recorded.length()))
                    .getBytes(UTF_8);
        }

        private String ownForm() {
            String request = kind.equals("pull_request") ? ", 'pullRequest': 7, 'targetBranch': 'main'" : "";
            String event = "{'repository': '" + repository + "', 'ref': '" + ref + "', 'commit': '" + recorded
                    + "0".repeat(28) + "'" + request + "}";
            return event.replace('\'', '"');
        }

        @Override
        public String toString() {
            return String.join(" ", form.name().toLowerCase(Locale.ROOT), event, String.valueOf(payload), kind);
        }
    }

    static Stream<Sent> everything() {
        return TABLE.lines().map(Sent::of);
    }

    @Test
    void noFormAndNoKindOfEventIsLeftOut() {
        assertThat(everything().map(Sent::form)).contains(HostForm.values());
        for (HostForm form : HostForm.values()) {
            // Servers before 7.4 deliver what later ones do; they are told otherwise.
            if (form != HostForm.BITBUCKET_SERVER) {
                assertThat(everything().filter(sent -> sent.form() == form).map(Sent::kind))
                        .as("%s", form)
                        .contains("push", "tag", "pull_request");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("everything")
    void aDeliveryIsBuiltOnceAndTheHostIsToldOfIt(Sent sent) throws IOException {
        String commit = commit(sent);
        api.createContext("/", exchange -> answer(exchange, sent.form().answer()));
        HookSender sender = HookSender.to(tenant, sent.form().host(), document(sent));
        byte[] body = sent.body(commit);
        String id = HookSender.newId();
        String other = sent.form().otherSecret();
        refused(post(sender, sent, id, 1, other, body));

        ApiClient.Answer answer = post(sender, sent, id, 1, sender.secret(), body);
        assertThat(answer.status()).as(answer.text()).isEqualTo(202);
        assertThat(answer.json().path("duplicate").booleanValue())
                .as("what was refused has left nothing")
                .isFalse();
        JsonNode delivery = sender.decided(answer);
        String build = built(sent, sender, delivery, id, commit);
        assertThat(delivery.toString()).doesNotContain(sender.secret(), HookSender.hex(sender.secret(), body));

        ApiClient.Answer again = post(sender, sent, id, 2, sender.secret(), body);
        duplicate(again, delivery);
        if (sent.form().hasTimesInBodies()) {
            duplicate(post(sender, sent, HookSender.newId(), 1, sender.secret(), body), delivery);
        }
        refused(post(sender, sent, id, 2, other, body));
        refused(post(sender, sent, HookSender.newId(), 1, other, body));
        assertThat(sender.decided(again).path("duplicates").intValue())
                .isEqualTo(sent.form().hasTimesInBodies() ? 2 : 1);
        assertThat(size("/v1/builds?project=" + tenant.project(), "builds")).isEqualTo(1);
        assertThat(size(sender.deliveries(), "deliveries")).isEqualTo(1);
        if (sent.form() != HostForm.GENERIC) {
            isTold(sent, sender, again, build, commit);
        }
    }

    /** The commit that the event is about. A branch that was pushed has moved on by now. */
    private String commit(Sent sent) throws IOException {
        try (Repository repository = GitRepositories.create(folder.resolve(tenant.project() + ".git"))) {
            ObjectId commit = commit(repository, sent.ref(), "of the event", null);
            if (sent.kind().equals("push")) {
                commit(repository, sent.ref(), "later", commit);
            }
            return commit.name();
        }
    }

    private static ObjectId commit(Repository repository, String ref, String content, @Nullable ObjectId parent)
            throws IOException {
        return new GitRepositories.Commit(repository)
                .file("Dockerfile", "FROM scratch\nCOPY file /\n")
                .file("file", content)
                .commit(ref, parent, Instant.EPOCH);
    }

    private String url() {
        return git.url() + "/" + tenant.project() + ".git";
    }

    private String document(Sent sent) {
        String secret = sent.form().secret();
        return "'repository': {'url': '" + url() + "', 'fullName': '" + sent.repository() + "'}, 'events': ['"
                + sent.kind() + "'], 'build': {'tag': ['registry.example/app:{branch}', 'registry.example/app:{tag}']}"
                + (secret == null ? "" : ", 'secret': '" + secret + "'")
                + sent.form().status("http://127.0.0.1:" + api.getAddress().getPort());
    }

    private static ApiClient.Answer post(
            HookSender sender, Sent sent, String id, int attempt, String secret, byte[] body) throws IOException {
        return sender.send(
                body,
                sent.form().headers(sent.event(), id, attempt, secret, body).toArray(String[]::new));
    }

    private static void refused(ApiClient.Answer answer) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(404);
        assertThat(answer.json().path("type").stringValue()).isEqualTo("/problems/webhook-refused");
    }

    private static void duplicate(ApiClient.Answer answer, JsonNode delivery) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(202);
        assertThat(answer.json().path("duplicate").booleanValue())
                .as(answer.text())
                .isTrue();
        assertThat(answer.json().path("id")).isEqualTo(delivery.path("id"));
    }

    private int size(String path, String list) throws IOException {
        return tenant.as(Role.VIEWER).get(path).json().path(list).size();
    }

    /** What the log says of the delivery, and the build of it; returns the build's id. */
    private String built(Sent sent, HookSender sender, JsonNode delivery, String id, String commit) throws IOException {
        assertThat(delivery.path("state").stringValue())
                .as(delivery.toPrettyString())
                .isEqualTo("built");
        assertThat(delivery.path("hostDeliveryId").stringValue()).isEqualTo(id);
        assertThat(delivery.path("event").stringValue()).isEqualTo(sent.event());
        assertThat(delivery.path("repository").stringValue()).isEqualTo(sent.repository());
        assertThat(delivery.path("events").size()).isEqualTo(1);
        JsonNode event = delivery.at("/events/0");
        JsonNode build = tenant.as(Role.VIEWER)
                .get("/v1/builds/" + event.path("build").asString())
                .json();
        assertThat(build.path("project").stringValue()).isEqualTo(tenant.project());
        assertThat(build.path("state").stringValue()).isEqualTo("queued");
        assertThat(build.path("tags").toString()).isEqualTo("[\"registry.example/app:" + sent.tagged() + "\"]");
        String cause = """
                {"trigger":"%s","delivery":"%s","event":"%s","ref":"%s","commit":"%s"}\
                """.formatted(sender.id(), delivery.path("id").stringValue(), sent.kind(), sent.ref(), commit);
        assertThat(build.path("cause")).isEqualTo(JsonMapper.shared().readTree(cause));
        assertThat(build.at("/context/sha256"))
                .as("the files are those of the commit")
                .isEqualTo(filesOf(commit));
        return build.path("id").stringValue();
    }

    /** The checksum of a commit's files, when somebody else asks for a build of it. */
    private JsonNode filesOf(String commit) throws IOException {
        Tenant somebody = Tenant.in(service);
        String json = "{'project': '" + somebody.project() + "', 'context': {'git': {'url': '" + url() + "', 'ref': '"
                + commit + "'}}}";
        ApiClient.Answer asked = somebody.as(Role.BUILDER).postJson("/v1/builds", json.replace('\'', '"'));
        assertThat(asked.status()).as(asked.text()).isEqualTo(202);
        return asked.json().at("/context/sha256");
    }

    private void answer(HttpExchange exchange, int status) throws IOException {
        try (exchange) {
            String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
            told.add(String.join(
                    " ",
                    exchange.getRequestMethod(),
                    exchange.getRequestURI().getRawPath(),
                    Objects.requireNonNull(exchange.getRequestHeaders().getFirst("Authorization")),
                    body));
            exchange.sendResponseHeaders(status, -1);
        }
    }

    private void isTold(Sent sent, HookSender sender, ApiClient.Answer delivered, String build, String commit) {
        String link = service.url() + "/builds/" + build;
        Awaitility.await("the log says what the host was told")
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(50))
                .until(() ->
                        sender.decided(delivered).at("/events/0/statuses/0").has("sent"));
        assertThat(told).containsExactly(sent.form().told(sent.repository(), commit, sent.ref(), link));
        assertThat(sender.decided(delivered).at("/events/0/statuses/0/sent").stringValue())
                .isEqualTo(sent.form().waiting());
    }
}
