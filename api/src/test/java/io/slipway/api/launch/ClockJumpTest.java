package io.slipway.api.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.slipway.api.testing.SetClock;
import io.slipway.api.testing.TestService;
import io.slipway.db.Database;
import io.slipway.db.build.BuildId;
import io.slipway.db.build.BuildQueue;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The wall clock of a running service jumps by an hour, forth and back: nothing ends for it, and nothing waits. */
final class ClockJumpTest {
    @TempDir
    private Path directory;

    @AfterEach
    void setRight() {
        SetClock.ahead(Duration.ZERO);
    }

    @Test
    void aClockThatJumpsNeitherEndsBuildsNorKeepsOthersWaiting() throws Exception {
        Path home = Files.createTempDirectory(Path.of("target").toAbsolutePath(), "service-");
        try (TestService service = TestService.start(home, "--" + SetClock.PART)) {
            Path go = directory.resolve("go");
            BuildId running = service.submit("say before", "until " + go);
            service.awaitLog(running, "#2");
            for (Duration jump : new Duration[] {Duration.ofHours(1), Duration.ofHours(-1)}) {
                SetClock.ahead(jump);
                assertThat(service.bean(Clock.class).instant())
                        .isCloseTo(Instant.now().plus(jump), within(1, ChronoUnit.MINUTES));
                succeeds(service, service.submit("say meanwhile"));
                requireToken(service);
            }
            Files.createFile(go);
            succeeds(service, running);
        }
    }

    /** By the database's clock, leases end and time limits are overrun. A function of the same name takes its place, which the schema finds first. */
    @Test
    void neitherDoesTheDatabasesClockWhenItLeaps() throws Exception {
        Path home = Files.createTempDirectory(Path.of("target").toAbsolutePath(), "service-");
        try (TestService service = TestService.start(home)) {
            service.bean(Database.class).run(transaction -> {
                transaction.update("create table leap (amount interval not null)");
                transaction.update("insert into leap values ('0 hours')");
                transaction.update("""
                        create function public.clock_timestamp() returns timestamptz language sql volatile
                        as 'select pg_catalog.clock_timestamp() + amount from public.leap'
                        """);
                transaction.update("alter role slipway set search_path = public, pg_catalog");
            });
        }
        try (TestService service = TestService.start(home)) {
            Path go = directory.resolve("go");
            BuildId running = service.submit("say before", "until " + go);
            service.awaitLog(running, "#2");
            for (Duration leap : List.of(Duration.ofHours(3), Duration.ofHours(-3), Duration.ZERO)) {
                service.bean(Database.class)
                        .run(transaction -> transaction.update(
                                "update leap set amount = ? * interval '1 second'", leap.toSeconds()));
                assertThat(service.bean(BuildQueue.class).now())
                        .isCloseTo(Instant.now().plus(leap), within(1, ChronoUnit.MINUTES));
                Awaitility.await("the leap is noticed")
                        .atMost(Duration.ofMinutes(1))
                        .until(() -> sinceBegun(service, running).abs().compareTo(Duration.ofMinutes(10)) < 0);
                succeeds(service, service.submit("say meanwhile"));
            }
            Files.createFile(go);
            succeeds(service, running);
        }
    }

    private static Duration sinceBegun(TestService service, BuildId build) {
        return Duration.ofSeconds(service.bean(Database.class)
                .first(
                        "select extract(epoch from clock_timestamp() - attempt_started_at)::bigint as seconds from builds where id = ?",
                        row -> row.number("seconds"),
                        build.value())
                .orElseThrow());
    }

    private static void succeeds(TestService service, BuildId build) {
        JsonNode ended = service.ended(build);
        assertThat(ended.path("state").stringValue()).as(ended.toString()).isEqualTo("succeeded");
        assertThat(ended.path("attempt").intValue()).as(ended.toString()).isEqualTo(1);
    }

    /** A token that is valid for ten minutes is so by the clock that says when they are over, which is the database's. */
    private static void requireToken(TestService service) {
        JsonNode made = TestService.json(service.send(service.request("/v1/tokens")
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{\"name\": \"short\", \"role\": \"viewer\", \"expiresIn\": \"10m\"}"))));
        assertThat(Instant.parse(made.path("expiresAt").stringValue()))
                .isCloseTo(Instant.now().plus(Duration.ofMinutes(10)), within(1, ChronoUnit.MINUTES));
    }
}
