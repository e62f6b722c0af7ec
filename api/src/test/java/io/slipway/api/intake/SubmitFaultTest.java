package io.slipway.api.intake;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.api.testing.ApiClient;
import io.slipway.api.testing.Ports;
import io.slipway.api.testing.RunningService;
import io.slipway.api.testing.ServiceProcess;
import io.slipway.api.testing.Statements;
import io.slipway.api.testing.Statements.Fault;
import io.slipway.api.testing.Statements.Kind;
import io.slipway.api.testing.Tars;
import io.slipway.db.Database;
import io.slipway.image.context.BuildContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/** Whatever ends between two statements of a submission: it leaves nothing, or a whole build, and sent again it is one build. */
final class SubmitFaultTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final String INSERT = "insert into builds";
    private static final int MOST_STATEMENTS = 60;

    private static RunningService service;
    private static ApiClient client;

    @BeforeAll
    static void start() throws IOException {
        service = RunningService.start(Statements.PART);
        client = service.client();
    }

    @AfterAll
    static void stop() throws IOException {
        service.close();
    }

    private interface Submission {
        ApiClient.Answer send(String... headers) throws IOException;
    }

    @ParameterizedTest
    @EnumSource(names = {"CUT_BEFORE", "CUT_AFTER"})
    void theDatabaseMayGoAwayAtAnyStatementOfASubmission(Kind kind) throws IOException {
        List<Submission> submissions = new ArrayList<>();
        for (int number = 0; number < MOST_STATEMENTS; number++) {
            byte[] tar = Tars.dockerfile("FROM scratch\nCOPY . /\n")
                    .file("number", kind + " " + number)
                    .bytes();
            submissions.add(headers -> client.post("/v1/builds", tar, headers));
        }
        List<String> statements = cutAtEach(kind, submissions);
        assertThat(statements).filteredOn(sql -> sql.contains(INSERT)).hasSize(1);
    }

    @Test
    void theDatabaseMayGoAwayAtAnyStatementOfARetry() throws IOException {
        ApiClient.Answer old = client.post(
                "/v1/builds", Tars.dockerfile("FROM scratch\nCOPY . /\n").bytes());
        String id = old.json().path("id").stringValue();
        assertThat(client.post("/v1/builds/" + id + "/cancel", new byte[0]).status())
                .isEqualTo(200);
        Submission retry = headers -> client.postJson("/v1/builds/" + id + "/retry", "", headers);
        List<Submission> submissions = new ArrayList<>();
        for (int number = 0; number < MOST_STATEMENTS; number++) {
            submissions.add(retry);
        }
        List<String> statements = cutAtEach(Kind.CUT_AFTER, submissions);
        assertThat(statements).filteredOn(sql -> sql.contains(INSERT)).hasSize(1);
    }

    /** Sends each of them with a fault at the next statement, until one has fewer; returns the statements of that. */
    private static List<String> cutAtEach(Kind kind, List<Submission> submissions) throws IOException {
        Set<String> before = builds();
        Set<String> answered = new TreeSet<>();
        for (int number = 0; number < submissions.size(); number++) {
            Submission submission = submissions.get(number);
            String name = kind + "-" + number + "-" + System.nanoTime();
            ApiClient.Answer cut = submission.send(
                    IdempotentRequests.HEADER,
                    name,
                    Statements.NAME,
                    name,
                    Statements.FAULT,
                    Fault.at(kind, number).header());
            // What comes after the commit does not matter to who waits for the answer.
            assertThat(cut.status()).as(cut.text()).isIn(202, 503);
            ApiClient.Answer again = Awaitility.await("the answer to " + name)
                    .atMost(LIMIT)
                    .until(
                            () -> {
                                endHold(service.part(Database.class), name);
                                return submission.send(IdempotentRequests.HEADER, name);
                            },
                            answer -> answer.status() != 503);
            assertThat(again.status()).as(again.text()).isEqualTo(202);
            if (cut.status() == 202) {
                assertThat(again.text()).isEqualTo(cut.text());
            }
            answered.add(again.json().path("id").stringValue());
            if (!Statements.hasFired(name)) {
                assertThat(cut.status()).isEqualTo(202);
                Set<String> made = builds();
                made.removeAll(before);
                assertThat(made)
                        .as("one build for each request")
                        .isEqualTo(answered)
                        .hasSize(number + 1);
                requireContexts();
                return Statements.of(name);
            }
        }
        throw new AssertionError("a submission has more than " + submissions.size() + " statements");
    }

    /** As if half a minute had passed: where the answer to the hold itself was lost, nobody has given it up. */
    private static void endHold(Database database, String key) {
        database.run(transaction -> transaction.update(
                "update idempotency_keys set held_until = clock_timestamp() where key = ? and status is null", key));
    }

    private static Set<String> builds() {
        List<String> ids = service.part(Database.class)
                .inTransaction(
                        transaction -> transaction.list("select id from builds limit 1000", row -> row.text("id")));
        return new TreeSet<>(ids);
    }

    /** Each build has its context, whole, and nothing else stays. */
    private static void requireContexts() throws IOException {
        Set<String> expected = new TreeSet<>();
        for (String build : builds()) {
            Path tar = service.home().resolve("contexts").resolve(build + ".tar");
            JsonNode resource = client.get("/v1/builds/" + build).json();
            try (BuildContext context = BuildContext.open(tar)) {
                assertThat(context.digest().hex())
                        .isEqualTo(resource.at("/context/sha256").stringValue());
            }
            expected.add(build + ".tar");
            expected.add(build + ".tar.index");
        }
        Awaitility.await("nothing stays that belongs to no build")
                .atMost(LIMIT)
                .untilAsserted(() -> assertThat(names(service.home())).isEqualTo(expected));
    }

    private static Set<String> names(Path home) throws IOException {
        try (var files = Files.list(home.resolve("contexts"))) {
            Set<String> names = new TreeSet<>();
            files.forEach(file -> names.add(file.getFileName().toString()));
            return names;
        }
    }

    @Test
    void aServiceMayBeKilledBetweenAnyTwoStatementsOfASubmission() throws Exception {
        Path home = Files.createTempDirectory(Path.of("target").toAbsolutePath(), "service-");
        int port = Ports.free();
        byte[] tar = Tars.dockerfile("FROM scratch\n").bytes();
        List<String> killed = new ArrayList<>();
        while (isKilledAt(killed.size(), home, port, tar)) {
            killed.add(key(killed.size()));
        }
        try (ServiceProcess _ = ServiceProcess.start(home, port)) {
            ApiClient client = client(home, port);
            // Some came before the commit, some after it; the last request was not killed.
            assertThat(builds(client)).hasSizeBetween(2, killed.size());
            Set<String> answered = new TreeSet<>();
            for (String key : killed) {
                // Until the hold of the killed one ends, it would be answered 409.
                endHold(ServiceProcess.database(home), key);
                ApiClient.Answer again = client.post("/v1/builds", tar, IdempotentRequests.HEADER, key);
                assertThat(again.status()).as(again.text()).isEqualTo(202);
                answered.add(again.json().path("id").stringValue());
            }
            assertThat(answered).as("one build for each request").hasSameSizeAs(killed);
            Set<String> all = builds(client);
            assertThat(all).containsAll(answered).hasSize(killed.size() + 1);
            for (String build : all) {
                assertThat(client.get("/v1/builds/" + build + "?wait=60s")
                                .json()
                                .path("state")
                                .stringValue())
                        .isEqualTo("succeeded");
            }
            Awaitility.await("no context stays")
                    .atMost(LIMIT)
                    .untilAsserted(() -> assertThat(names(home)).isEmpty());
        }
    }

    /** Starts a service that dies before that statement of a submission, and sends one; false if the submission has fewer. */
    private static boolean isKilledAt(int statement, Path home, int port, byte[] tar) throws Exception {
        assertThat(statement).isLessThan(MOST_STATEMENTS);
        ServiceProcess service =
                ServiceProcess.start(home, port, "--" + Statements.PART, "--slipway.workers.enabled=false");
        try {
            ApiClient.Answer answer = client(home, port)
                    .post(
                            "/v1/builds",
                            tar,
                            IdempotentRequests.HEADER,
                            key(statement),
                            Statements.NAME,
                            key(statement),
                            Statements.FAULT,
                            Fault.at(Kind.HALT_BEFORE, statement).header());
            assertThat(answer.status()).as(answer.text()).isEqualTo(202);
            return false;
        } catch (IOException e) {
            assertThat(service.awaitEnd(LIMIT)).isEqualTo(137);
            return true;
        } finally {
            service.kill();
        }
    }

    private static String key(int statement) {
        return "killed-at-" + statement;
    }

    private static Set<String> builds(ApiClient client) throws IOException {
        Set<String> builds = new TreeSet<>();
        client.get("/v1/builds?limit=100")
                .json()
                .path("builds")
                .forEach(build -> builds.add(build.path("id").stringValue()));
        return builds;
    }

    private static ApiClient client(Path home, int port) throws IOException {
        return new ApiClient(
                "http://127.0.0.1:" + port,
                Files.readString(home.resolve("admin-token")).strip());
    }
}
