package io.slipway.api.home;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.slipway.api.HomeId;
import io.slipway.api.SlipwayProperties;
import io.slipway.api.testing.TestService;
import io.slipway.db.Database;
import io.slipway.db.build.BuildId;
import io.slipway.db.build.BuildQueue;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Services on one database, of which one goes away and leaves builds. Time passes by setting back what the database has noted. */
final class LostHomesTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private static void passes(TestService service, String home, String time) {
        service.bean(Database.class).run(transaction -> {
            transaction.update("update homes set seen_at = clock_timestamp() - ?::interval where id = ?", time, home);
            transaction.update("""
                    update builds set created_at = created_at - ?::interval, attempt_started_at = attempt_started_at - ?::interval
                    where home = ? and finished_at is null
                    """, time, time, home);
        });
    }

    private static double waiting(TestService service) {
        return service.bean(MeterRegistry.class)
                .get("slipway.queue.away")
                .gauge()
                .value();
    }

    private static long counted(TestService service) {
        return service.bean(MeterRegistry.class).find("slipway.builds").tag("code", "home_lost").timers().stream()
                .mapToLong(Timer::count)
                .sum();
    }

    private static void lookAtOnce(TestService... services) throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Boolean>> looks = Stream.of(services)
                    .map(service -> threads.submit((Callable<Boolean>)
                            () -> service.bean(LostHomes.class).look(Duration.ZERO)))
                    .toList();
            for (Future<Boolean> look : looks) {
                assertThat(look.get()).as("there is more").isFalse();
            }
        }
    }

    @Test
    void whatWaitsForAServiceThatDoesNotComeBackSaysSoAndEndsOnce() throws Exception {
        Path secondHome = TestService.temporaryHome();
        Path awayHome = TestService.temporaryHome();
        try (TestService first = TestService.start(TestService.temporaryHome());
                TestService second = TestService.start(secondHome, first.beside(secondHome))) {
            String[] settings = first.beside(awayHome);
            List<BuildId> queued;
            BuildId unwanted;
            BuildId running;
            String home;
            try (TestService away = TestService.start(
                    awayHome,
                    Stream.concat(Stream.of(settings), Stream.of("--slipway.workers.enabled=false"))
                            .toArray(String[]::new))) {
                running = away.submit("say never");
                assertThat(away.bean(BuildQueue.class).claim("wrk_dead", null, new byte[32], LIMIT))
                        .isPresent();
                queued = List.of(away.submit("say one"), away.submit("say two"));
                unwanted = away.submit("say three");
                home = away.bean(HomeId.class).value();
            }
            assertThat(first.build(unwanted).at("/queue/reason").asString())
                    .as("it may be restarting")
                    .isEqualTo("slots");
            assertThat(waiting(first)).isZero();

            passes(first, home, "2 minutes");
            JsonNode build = first.build(unwanted);
            assertThat(build.at("/queue/reason").asString()).isEqualTo("home");
            assertThat(build.path("reason").asString())
                    .contains("has been away since 20", "If it is not back by 20")
                    .doesNotContain("another service");
            assertThat(waiting(second)).isEqualTo(3);
            assertThat(first.post("/v1/builds/" + unwanted + "/cancel").statusCode())
                    .isEqualTo(200);
            assertThat(second.build(unwanted).path("state").asString()).isEqualTo("cancelled");

            // What its workers had is queued again, by whichever service finds them silent.
            first.bean(Database.class)
                    .run(transaction -> transaction.update(
                            "update builds set lease_until = clock_timestamp() - interval '1 second' where id = ?",
                            running.value()));
            Awaitility.await("its lease to end")
                    .atMost(LIMIT)
                    .until(() -> first.build(running).path("state").asString().equals("queued"));

            passes(first, home, "25 hours");
            assertThat(first.bean(LostHomes.class).look(LIMIT.multipliedBy(10))).isFalse();
            assertThat(first.build(running).path("state").asString())
                    .as("a service that has just come itself waits for others")
                    .isEqualTo("queued");
            lookAtOnce(first, second);

            for (BuildId lost :
                    Stream.concat(queued.stream(), Stream.of(running)).toList()) {
                JsonNode ended = second.build(lost);
                assertThat(ended.path("state").asString()).isEqualTo("failed");
                assertThat(ended.at("/error/code").asString()).isEqualTo("home_lost");
                assertThat(ended.at("/error/message").asString()).contains("has been away since 20");
                assertThat(ended.at("/error/hint").asString()).startsWith("Submit it again");
                assertThat(first.get("/v1/builds/" + lost + "/logs").body()).containsOnlyOnce("(home_lost)");
                assertThat(first.get("/v1/builds/" + lost + "/events").body()).containsOnlyOnce("\"failed\"");
            }
            assertThat(counted(first) + counted(second)).isEqualTo(3);
            assertThat(waiting(first)).isZero();

            try (TestService back = TestService.start(awayHome, settings)) {
                BuildId next = back.submit("say again");
                assertThat(first.ended(next).path("state").asString()).isEqualTo("succeeded");
                for (BuildId lost : queued) {
                    assertThat(first.build(lost).path("attempt").asInt())
                            .as("never built")
                            .isZero();
                    Path context = awayHome.resolve("contexts").resolve(lost + ".tar");
                    Awaitility.await("its context to go").atMost(LIMIT).until(() -> Files.notExists(context));
                }
                lookAtOnce(first, second);
            }
        }
    }

    @Test
    void servicesThatComeBackTogetherDoNotTakeEachOtherForLost() {
        Path secondHome = TestService.temporaryHome();
        try (TestService first = TestService.start(TestService.temporaryHome(), "--slipway.workers.enabled=false");
                TestService second = TestService.start(
                        secondHome,
                        Stream.concat(Stream.of(first.beside(secondHome)), Stream.of("--slipway.workers.enabled=false"))
                                .toArray(String[]::new))) {
            BuildId build = second.submit("say hello");
            // The database's clock jumps, or it was away for days: nobody can have said that he is there.
            passes(first, second.bean(HomeId.class).value(), "3 days");
            var _ = first.bean(LostHomes.class).look(Duration.ofMinutes(10));
            Awaitility.await("it to say that it is there")
                    .atMost(LIMIT)
                    .until(() -> first.bean(Database.class)
                            .first(
                                    "select seen_at > clock_timestamp() - interval '1 minute' as there from homes where id = ?",
                                    row -> row.flag("there"),
                                    second.bean(HomeId.class).value())
                            .orElseThrow());
            var _ = first.bean(LostHomes.class).look(Duration.ZERO);
            assertThat(second.build(build).path("state").asString()).isEqualTo("queued");
            assertThat(second.build(build).at("/queue/reason").asString()).isEqualTo("machine");
        }
    }

    @Test
    void theLimitIsLongerThanTheTimeAfterWhichAServiceCountsAsAway() {
        assertThat(new SlipwayProperties.Homes(Duration.ofSeconds(61)).awayLimit())
                .hasSeconds(61);
        for (Duration wrong : List.of(Duration.ZERO, Duration.ofMinutes(1), Duration.ofDays(40_000))) {
            assertThatThrownBy(() -> new SlipwayProperties.Homes(wrong))
                    .hasMessageContaining("slipway.homes.away-limit must be more than a minute");
        }
    }
}
