package io.slipway.api.webhook.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.api.testing.ApiClient;
import io.slipway.api.testing.RunningService;
import io.slipway.api.testing.Statements;
import io.slipway.api.testing.Statements.Fault;
import io.slipway.api.testing.Statements.Kind;
import io.slipway.api.testing.Tenant;
import io.slipway.api.webhook.host.Payloads;
import io.slipway.db.Channel;
import io.slipway.db.Database;
import io.slipway.db.access.Role;
import io.slipway.image.context.BuildContext;
import io.slipway.remote.testing.GitHttpServer;
import io.slipway.remote.testing.GitRepositories;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.eclipse.jgit.lib.Repository;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Deliveries that come in storms, and a database that goes away between a delivery and its build: it is built once. */
final class DeliveryFaultTest {
    private static final String RECORDED = "6113728f27ae82c7b1a177c8d03f9e96e0adf246";
    private static final int STORM = 200;
    private static final int SENDERS = 8;
    private static final int MOST_STATEMENTS = 60;

    @TempDir
    private Path folder;

    private RunningService service;
    private Tenant tenant;
    private Repository repository;
    private GitHttpServer git;
    private String commit;

    @BeforeEach
    void start() throws IOException {
        repository = GitRepositories.create(folder.resolve("Codertocat/Hello-World.git"));
        commit = new GitRepositories.Commit(repository)
                .file("Dockerfile", "FROM scratch\nCOPY file /\n")
                .file("file", "one")
                .commit("refs/heads/master", null, Instant.EPOCH)
                .name();
        git = GitHttpServer.open(folder);
        service = RunningService.start(Statements.PART, "slipway.context.denied-networks=");
        tenant = Tenant.in(service);
    }

    @AfterEach
    void stop() throws IOException {
        service.close();
        git.close();
        repository.close();
    }

    private HookSender github() throws IOException {
        return HookSender.to(tenant, "github", "'repository': {'url': '" + git.url() + "/Codertocat/Hello-World.git'}");
    }

    /** A push of the commit; each number is another one. */
    private byte[] push(int number) {
        String payload = new String(Payloads.bytes("github/push-branch"), UTF_8).replace(RECORDED, commit);
        return (payload + " ".repeat(number)).getBytes(UTF_8);
    }

    private List<String> builds() {
        return service.part(Database.class)
                .inTransaction(transaction -> transaction.list(
                        "select id from builds where project = ? limit 1000", row -> row.text("id"), tenant.project()));
    }

    @Test
    void theDatabaseMayGoAwayAtAnyStatementBetweenADeliveryAndItsBuild() throws IOException {
        HookSender sender = github();
        for (int number = 0; number < MOST_STATEMENTS; number++) {
            Statements.failDelivery(Fault.at(Kind.CUT_AFTER, number));
            JsonNode delivery = decided(sender, sender.github("push", HookSender.newId(), push(number)));
            assertThat(delivery.path("state").stringValue())
                    .as(delivery.toString())
                    .isEqualTo("built");
            assertThat(builds()).as("one build for each delivery").hasSize(number + 1);
            String build = delivery.at("/events/0/build").stringValue();
            JsonNode resource =
                    tenant.as(Role.VIEWER).get("/v1/builds/" + build).json();
            try (BuildContext context = BuildContext.open(service.home().resolve("contexts/" + build + ".tar"))) {
                assertThat(context.digest().hex())
                        .isEqualTo(resource.at("/context/sha256").stringValue());
            }
            if (!Statements.hasDeliveryFailed()) {
                assertThat(number).as("statements that were cut").isGreaterThan(5);
                service.requireNothingKept(List.of());
                return;
            }
        }
        throw new AssertionError("there are more than " + MOST_STATEMENTS + " statements");
    }

    /** The delivery once it was decided on; whose worker has failed is due again, as if its claim had ended. */
    private JsonNode decided(HookSender sender, ApiClient.Answer answer) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(202);
        String id = answer.json().path("id").stringValue();
        Database database = service.part(Database.class);
        AtomicBoolean due = new AtomicBoolean();
        return Awaitility.await("a decision on " + id)
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(20))
                .until(
                        () -> {
                            if (Statements.hasDeliveryFailed() && !due.getAndSet(true)) {
                                database.run(transaction -> transaction.update(
                                        "update deliveries set due_at = clock_timestamp() where id = ? and state = 'pending'",
                                        id));
                                database.notify(Channel.DELIVERIES, "");
                            }
                            return tenant.as(Role.VIEWER)
                                    .get(sender.deliveries() + "/" + id)
                                    .json();
                        },
                        delivery -> !delivery.path("state").stringValue().equals("pending"));
    }

    @Test
    void aDeliveryThatComesHundredsOfTimesToTwoServicesIsBuiltOnce() throws Exception {
        Path postgres = service.home().resolve("postgres");
        String port =
                Files.readAllLines(postgres.resolve("data/postmaster.pid")).get(3);
        try (RunningService other = RunningService.start(
                        "spring.datasource.url=jdbc:postgresql://127.0.0.1:" + port + "/postgres",
                        "spring.datasource.username=slipway",
                        "spring.datasource.password=" + Files.readString(postgres.resolve("password")),
                        "slipway.secret-key-file=" + service.home().resolve("secret-key"),
                        "slipway.context.denied-networks=");
                ExecutorService senders = Executors.newFixedThreadPool(SENDERS)) {
            HookSender sender = github();
            List<HookSender> doors = List.of(sender, sender.at(other));
            String id = HookSender.newId();
            byte[] body = push(0);
            List<Future<ApiClient.Answer>> answers = new ArrayList<>();
            for (int i = 0; i < STORM; i++) {
                HookSender door = doors.get(i % doors.size());
                answers.add(senders.submit(() -> door.github("push", id, body)));
            }
            Set<String> ids = new TreeSet<>();
            int firsts = 0;
            for (Future<ApiClient.Answer> answer : answers) {
                ApiClient.Answer received = answer.get(60, TimeUnit.SECONDS);
                assertThat(received.status()).as(received.text()).isEqualTo(202);
                ids.add(received.json().path("id").stringValue());
                firsts += received.json().path("duplicate").booleanValue() ? 0 : 1;
            }
            assertThat(ids).as("deliveries").hasSize(1);
            assertThat(firsts).as("answers that say that it is new").isEqualTo(1);
            JsonNode delivery = sender.decided(answers.getFirst().get());
            assertThat(delivery.path("state").stringValue())
                    .as(delivery.toString())
                    .isEqualTo("built");
            assertThat(delivery.path("duplicates").intValue()).isEqualTo(STORM - 1);
            assertThat(builds()).containsExactly(delivery.at("/events/0/build").stringValue());
        }
    }
}
