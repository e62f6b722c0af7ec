package io.slipway.db.build;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.db.Database;
import io.slipway.db.TestDatabase;
import io.slipway.db.access.ProjectLimits;
import io.slipway.db.webhook.Messages;
import io.slipway.db.webhook.NewWebhook;
import io.slipway.db.webhook.Webhook;
import io.slipway.db.webhook.WebhookSettings;
import io.slipway.db.webhook.Webhooks;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What becomes of builds whose service does not come back. Time passes by setting back what the database has noted. */
final class HomesTest {
    private static final Duration LEASE = Duration.ofSeconds(30);
    private static final Duration LIMIT = Duration.ofHours(24);
    private static final byte[] TOKEN_HASH = new byte[32];
    private static final int MOST = 100;

    private final Database database = TestDatabase.create();
    private final Homes homes = new Homes(database);
    private final Builds builds = new Builds(database);
    private final BuildQueue here = new BuildQueue(database, ProjectLimits.NONE, "hom_here");
    private final BuildQueue away = new BuildQueue(database, ProjectLimits.NONE, "hom_away");

    @Test
    void aHomeIsAbsentThatWasNotSeenOfLateWhileBuildsWaitForIt() {
        seen("hom_here", "2 minutes");
        seen("hom_away", "2 minutes");
        seen("hom_idle", "2 minutes");
        submit(here);
        submit(away);
        assertThat(homes.absent("hom_here", MOST))
                .singleElement()
                .satisfies(home -> assertThat(home.id()).isEqualTo("hom_away"))
                .satisfies(home -> assertThat(home.away()).isBetween(Duration.ofMinutes(2), Duration.ofMinutes(3)));
        assertThat(homes.absent("hom_other", 1)).hasSize(1);
        homes.seen("hom_away");
        assertThat(homes.absent("hom_here", MOST)).isEmpty();
    }

    @Test
    void aQueuedBuildKnowsThatTheServiceWithItsContextIsAway() {
        BuildId build = submit(away);
        seen("hom_away", "50 seconds");
        assertThat(here.place(build).orElseThrow().awaySince()).isNull();
        assertThat(homes.waiting()).isZero();

        seen("hom_away", "2 minutes");
        assertThat(here.place(build).orElseThrow().awaySince()).isEqualTo(seenAt("hom_away"));
        assertThat(here.place(build).orElseThrow().expectedStartAt()).isNull();
        assertThat(homes.waiting()).isEqualTo(1);
        assertThat(here.place(submit(here)).orElseThrow().awaySince()).isNull();
    }

    @Test
    void buildsOfALostHomeEndOnceWhoeverTries() throws Exception {
        Webhook told = new Webhooks(database)
                .add(new NewWebhook(
                        Webhooks.newId(Instant.now()),
                        "default",
                        new WebhookSettings("https://receiver.invalid/", List.of("build.failed"), null, true),
                        "sealed",
                        "http://service.invalid",
                        "tok_0"))
                .orElseThrow();
        List<BuildId> lost = Stream.generate(() -> submit(away)).limit(120).toList();
        BuildId own = submit(here);
        BuildId anybodys = submit(new BuildQueue(database));
        lose("hom_away");
        seen("hom_here", "25 hours");

        List<BuildId> ended = new ArrayList<>();
        try (ExecutorService services = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<List<BuildId>>> results = IntStream.range(0, 4)
                    .mapToObj(_ -> services.submit((Callable<List<BuildId>>) this::endAll))
                    .toList();
            for (Future<List<BuildId>> result : results) {
                ended.addAll(result.get());
            }
        }
        assertThat(ended).containsExactlyInAnyOrderElementsOf(lost);
        for (BuildId id : lost) {
            Build build = builds.find(id).orElseThrow();
            assertThat(build.state()).isEqualTo(BuildState.FAILED);
            assertThat(build.failure()).extracting(Failure::code).isEqualTo("home_lost");
            assertThat(build.failure())
                    .extracting(Failure::message)
                    .asString()
                    .startsWith("The service that had its context has been away since 20");
            assertThat(new BuildLog(database)
                            .page(id, 0, LogFilter.ALL).entries().stream().filter(LogEntry.Ended.class::isInstance))
                    .hasSize(1);
        }
        assertThat(new Messages(database).list(told.id(), "", 1000))
                .as("messages to a webhook")
                .hasSameSizeAs(lost);
        assertThat(builds.find(own).orElseThrow().state()).isEqualTo(BuildState.QUEUED);
        assertThat(builds.find(anybodys).orElseThrow().state()).isEqualTo(BuildState.QUEUED);
        assertThat(here.claim("w", null, TOKEN_HASH, LEASE)).isPresent();
    }

    private List<BuildId> endAll() {
        List<BuildId> all = new ArrayList<>();
        List<BuildId> some = here.endLost("hom_away", LIMIT, 7);
        while (!some.isEmpty()) {
            assertThat(some).hasSizeLessThanOrEqualTo(7);
            all.addAll(some);
            some = here.endLost("hom_away", LIMIT, 7);
        }
        return all;
    }

    @Test
    void nothingOfAHomeEndsThatWasSeenWithinTheLimit() {
        submit(away);
        seen("hom_away", "23 hours 59 minutes");
        assertThat(here.endLost("hom_away", LIMIT, MOST)).isEmpty();
        assertThat(here.endLost("hom_unknown", LIMIT, MOST)).isEmpty();
    }

    @Test
    void aHomeThatComesBackWhileItsBuildsAreEndedBuildsTheRest() throws Exception {
        List<BuildId> all = Stream.generate(() -> submit(away)).limit(60).toList();
        lose("hom_away");
        CountDownLatch some = new CountDownLatch(1);
        List<BuildId> ended = new ArrayList<>();
        List<BuildId> claimed = new ArrayList<>();
        try (ExecutorService services = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<?> ending = services.submit(() -> {
                for (List<BuildId> next = here.endLost("hom_away", LIMIT, 1);
                        !next.isEmpty();
                        next = here.endLost("hom_away", LIMIT, 1)) {
                    ended.addAll(next);
                    some.countDown();
                }
            });
            some.await();
            homes.seen("hom_away");
            for (var next = away.claim("w", null, TOKEN_HASH, LEASE);
                    next.isPresent();
                    next = away.claim("w", null, TOKEN_HASH, LEASE)) {
                claimed.add(next.get().build().id());
            }
            ending.get();
        }
        assertThat(Stream.concat(ended.stream(), claimed.stream())).containsExactlyInAnyOrderElementsOf(all);
        assertThat(here.endLost("hom_away", LIMIT, MOST)).isEmpty();
    }

    @Test
    void whatALostHomeWasBuildingIsQueuedAgainByAnyServiceAndThenEnded() {
        BuildId build = submit(away);
        assertThat(away.claim("w", null, TOKEN_HASH, LEASE)).isPresent();
        database.run(transaction ->
                transaction.update("update builds set lease_until = clock_timestamp() - interval '1 second'"));

        assertThat(here.expireLeases(here.now())).containsExactly(new EndedAttempt(build, "w", BuildState.QUEUED));
        assertThat(here.claim("v", null, TOKEN_HASH, LEASE)).isEmpty();
        lose("hom_away");
        assertThat(here.endLost("hom_away", LIMIT, MOST)).containsExactly(build);
    }

    @Test
    void whatWaitsForAHomeThatIsAwayIsCancelledElsewhereAtOnce() {
        BuildId build = submit(away);
        lose("hom_away");
        assertThat(here.cancel(build)).isEqualTo(new CancelOutcome.Cancelled());
        assertThat(here.endLost("hom_away", LIMIT, MOST)).isEmpty();
        assertThat(builds.find(build).orElseThrow().state()).isEqualTo(BuildState.CANCELLED);
    }

    @Test
    void aHomeOfAnOlderVersionIsThereAsLongAsItDoesSomething() {
        BuildId first = submit(away);
        BuildId second = submit(away);
        homes.noteUnknown();
        homes.noteUnknown();
        assertThat(homes.absent("hom_here", MOST)).isEmpty();

        // It has been silent ever since, as its kind is: that alone is said of nobody.
        database.run(transaction ->
                transaction.update("update homes set seen_at = clock_timestamp() - interval '25 hours'"));
        assertThat(homes.absent("hom_here", MOST)).hasSize(1);
        assertThat(here.place(first).orElseThrow().awaySince()).isNull();
        assertThat(homes.waiting()).isZero();

        assertSeenAgain(); // somebody has submitted to it
        setBack("created_at");
        assertThat(away.claim("w", null, TOKEN_HASH, LEASE)).isPresent();
        assertSeenAgain(); // it has taken one
        setBack("attempt_started_at");
        assertSeenAgain(); // the one is looked after
        away.handBack("w");
        setBack("attempt_started_at");
        assertThat(away.claim("w", null, TOKEN_HASH, LEASE)).isPresent();
        database.run(transaction -> transaction.update("""
                update builds set state = 'failed', finished_at = clock_timestamp(), lease_until = null where state = 'running'
                """));
        assertSeenAgain(); // it had taken one that has ended
        setBack("attempt_started_at");

        database.run(transaction ->
                transaction.update("update homes set seen_at = clock_timestamp() - interval '25 hours'"));
        homes.lookForSigns("hom_away", LIMIT);
        assertThat(here.endLost("hom_away", LIMIT, MOST)).containsExactly(second);
    }

    private void assertSeenAgain() {
        database.run(transaction ->
                transaction.update("update homes set seen_at = clock_timestamp() - interval '25 hours'"));
        homes.lookForSigns("hom_away", LIMIT);
        assertThat(seenAt("hom_away")).isAfter(Instant.now().minus(Duration.ofMinutes(5)));
        assertThat(here.endLost("hom_away", LIMIT, MOST)).isEmpty();
    }

    private void setBack(String column) {
        database.run(transaction -> transaction.update("update builds set " + column + " = " + column
                + " - interval '25 hours' where " + column + " is not null"));
    }

    @Test
    void homesAreForgottenWhenNothingIsLeftToDoThere() {
        seen("hom_old", "181 days");
        seen("hom_older", "182 days");
        seen("hom_young", "179 days");
        seen("hom_away", "181 days");
        submit(away);
        assertThat(homes.removeOld(Duration.ofDays(180), 1)).isEqualTo(1);
        assertThat(homes.removeOld(Duration.ofDays(180), MOST)).isEqualTo(1);
        assertThat(database.<List<String>>inTransaction(
                        transaction -> transaction.list("select id from homes order by id", row -> row.text("id"))))
                .containsExactly("hom_away", "hom_young");
    }

    /** The service of the home was seen so long ago. */
    private void seen(String home, String ago) {
        homes.seen(home);
        database.run(transaction -> transaction.update(
                "update homes set seen_at = clock_timestamp() - ?::interval where id = ?", ago, home));
    }

    private void lose(String home) {
        seen(home, "25 hours");
    }

    private Instant seenAt(String home) {
        return database.first("select seen_at from homes where id = ?", row -> row.time("seen_at"), home)
                .orElseThrow();
    }

    private static BuildId submit(BuildQueue service) {
        return service.submit(new BuildDraft(
                        BuildId.create(Instant.now()),
                        "default",
                        "{}",
                        null,
                        List.of(),
                        null,
                        0,
                        60_000,
                        new DockerfileText("Dockerfile", "FROM scratch\n"),
                        new ContextFile("/contexts/1.tar", 10240, "ab".repeat(32)),
                        null,
                        List.of()))
                .id();
    }
}
