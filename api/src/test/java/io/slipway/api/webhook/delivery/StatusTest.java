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
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.eclipse.jgit.lib.Repository;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a git host is told, by a stand-in for its API. */
@ExtendWith(ServiceExtension.class)
final class StatusTest {
    private static final String RECORDED = "6113728f27ae82c7b1a177c8d03f9e96e0adf246";

    private final Tenant tenant;

    @TempDir
    private Path folder;

    private GitHttpServer git;
    private HttpServer api;
    private String commit;
    private final List<String> told = new CopyOnWriteArrayList<>();
    private final Queue<Integer> answers = new ConcurrentLinkedQueue<>();

    private final RunningService service;

    StatusTest(RunningService service) throws IOException {
        this.service = service;
        this.tenant = Tenant.in(service);
    }

    @BeforeEach
    void startServers() throws IOException {
        try (Repository repository = GitRepositories.create(folder.resolve("Codertocat/Hello-World.git"))) {
            commit = new GitRepositories.Commit(repository)
                    .file("Dockerfile", "FROM scratch\nCOPY Dockerfile /\n")
                    .commit("refs/heads/master", null, Instant.EPOCH)
                    .name();
        }
        git = GitHttpServer.open(folder);
        api = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        api.createContext("/", this::answer);
        api.start();
    }

    @AfterEach
    void stopServers() {
        api.stop(0);
        git.close();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            JsonNode body =
                    JsonMapper.shared().readTree(exchange.getRequestBody().readAllBytes());
            Integer status = answers.poll();
            int answer = status == null ? 201 : status;
            told.add(answer + " " + exchange.getRequestURI() + " "
                    + exchange.getRequestHeaders().getFirst("Authorization") + " "
                    + body.path("state").asString("") + " "
                    + body.path("context").asString(""));
            if (answer == 503) {
                exchange.getResponseHeaders().set("Retry-After", "0");
            }
            exchange.sendResponseHeaders(answer, -1);
        }
    }

    private HookSender sender() throws IOException {
        return HookSender.to(
                tenant,
                "github",
                "'repository': {'url': '" + git.url() + "/Codertocat/Hello-World.git'}, 'status': {'token': 'hidden',"
                        + " 'apiUrl': 'http://127.0.0.1:" + api.getAddress().getPort()
                        + "/api', 'context': 'slipway/{event}'}");
    }

    private String line(int status, String state) {
        return status + " /api/repos/Codertocat/Hello-World/statuses/" + commit + " Bearer hidden " + state
                + " slipway/push";
    }

    private void awaitTold(String... lines) {
        Awaitility.await("what the host is told")
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(50))
                .untilAsserted(() -> assertThat(told).containsExactly(lines));
    }

    private JsonNode push(HookSender sender) throws IOException {
        byte[] body = new String(Payloads.bytes("github/push-branch"), UTF_8)
                .replace(RECORDED, commit)
                .getBytes(UTF_8);
        return sender.decided(sender.github("push", HookSender.newId(), body));
    }

    private JsonNode shown(HookSender sender, JsonNode delivery) throws IOException {
        return tenant.as(Role.VIEWER)
                .get(sender.deliveries() + "/" + delivery.path("id").stringValue())
                .json();
    }

    @Test
    void aHostThatIsAwayIsToldLaterAndInOrder() throws IOException {
        answers.addAll(List.of(500, 503));
        double toldBefore = service.counted("slipway.statuses", "told");
        double againBefore = service.counted("slipway.statuses", "again");
        double builtBefore = service.counted("slipway.webhooks.deliveries", "built");
        HookSender sender = sender();
        JsonNode delivery = push(sender);
        awaitTold(line(500, "pending"), line(503, "pending"), line(201, "pending"));
        String build = delivery.at("/events/0/build").stringValue();
        assertThat(tenant.as(Role.BUILDER)
                        .postJson("/v1/builds/" + build + "/cancel", "")
                        .status())
                .isLessThan(300);
        awaitTold(line(500, "pending"), line(503, "pending"), line(201, "pending"), line(201, "error"));
        Awaitility.await("the status is noted")
                .until(() -> shown(sender, delivery)
                        .at("/events/0/statuses/0/sent")
                        .asString("")
                        .equals("error"));
        Awaitility.await("they are counted")
                .until(() -> service.counted("slipway.statuses", "told") >= toldBefore + 2
                        && service.counted("slipway.statuses", "again") >= againBefore + 2
                        && service.counted("slipway.webhooks.deliveries", "built") > builtBefore);
        ApiClient.Answer trigger =
                tenant.as(Role.ADMIN).get("/v1/projects/" + tenant.project() + "/triggers/" + sender.id());
        assertThat(trigger.text()).doesNotContain("hidden");
        assertThat(trigger.json().path("confidential").toString()).isEqualTo("[\"/status/token\"]");
    }

    @Test
    void whatTheHostRefusesIsSaidInTheLogAndNotTriedAgain() throws IOException {
        answers.add(401);
        HookSender sender = sender();
        JsonNode delivery = push(sender);
        Awaitility.await("the refusal is noted")
                .atMost(Duration.ofSeconds(30))
                .until(() -> shown(sender, delivery)
                        .at("/events/0/statuses/0/error")
                        .asString("")
                        .contains("401"));
        assertThat(shown(sender, delivery).path("state").stringValue()).isEqualTo("built");
        assertThat(told).hasSize(1);
    }

    @Test
    void theHostIsToldThatThereIsNoBuild() throws IOException {
        HookSender sender = sender();
        tenant.as(Role.MAINTAINER)
                .send(
                        "PATCH",
                        "/v1/projects/" + tenant.project() + "/triggers/" + sender.id(),
                        BodyPublishers.ofString("{\"build\": {\"dockerfile\": \"none\"}}"));
        assertThat(push(sender).path("state").stringValue()).isEqualTo("failed");
        awaitTold(line(201, "error"));
    }
}
