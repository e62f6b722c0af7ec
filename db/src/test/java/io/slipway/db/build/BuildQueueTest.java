package io.slipway.db.build;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.db.Database;
import io.slipway.db.TestDatabase;
import io.slipway.db.access.NoSuchProjectException;
import io.slipway.db.access.ProjectLimits;
import io.slipway.db.access.Scope;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class BuildQueueTest {
    private static final Duration LEASE = Duration.ofSeconds(30);
    private static final Duration PAST = Duration.ofSeconds(-1);
    private static final byte[] TOKEN_HASH = new byte[32];
    private static final Instant AT = Instant.parse("2026-11-24T09:00:00Z");

    private final Database database = TestDatabase.create();
    private final BuildQueue queue = new BuildQueue(database, ProjectLimits.NONE, "hom_0");
    private final Builds builds = new Builds(database);
    private final BuildLog log = new BuildLog(database);

    @Test
    void aSubmittedBuildIsStoredAsItWasGiven() {
        BuildDraft draft = draft("default", 3);
        queue.submit(draft);

        BuildDetails details = builds.details(draft.id()).orElseThrow();
        assertThat(details.build().state()).isEqualTo(BuildState.QUEUED);
        assertThat(details.build().dockerfile()).isEqualTo(draft.dockerfile());
        assertThat(details.build().context()).isEqualTo(draft.context());
        assertThat(details.build().tags()).containsExactly("registry.example/app:1");
        assertThat(details.build().options()).isEqualTo("{\"noCache\": true}");
        assertThat(details.warnings()).containsExactly(new Warning(2, "Rule", "Probably not meant"));
        assertThat(entries(draft.id(), 0)).hasSize(1).first().isInstanceOf(LogEntry.Warned.class);
    }

    @Test
    void aBuildOfAnUnknownProjectIsRefused() {
        assertThatThrownBy(() -> queue.submit(draft("nobody", 0))).isInstanceOf(NoSuchProjectException.class);
    }

    @Test
    void theQueueIsServedByPriorityThenByAge() {
        BuildId low = submit(-1);
        BuildId first = submit(0);
        BuildId second = submit(0);
        BuildId urgent = submit(9);

        assertThat(queue.place(second)).get().extracting(QueuePlace::ahead).isEqualTo(2L);
        assertThat(List.of(claim("a"), claim("b"), claim("c"), claim("d")))
                .extracting(claim -> claim.build().id())
                .containsExactly(urgent, first, second, low);
        assertThat(queue.claim("e", null, TOKEN_HASH, LEASE)).isEmpty();
    }

    @Test
    void concurrentClaimsNeverHandOutABuildTwice() throws Exception {
        List<BuildId> submitted =
                IntStream.range(0, 60).mapToObj(i -> submit(i % 3)).toList();

        List<ClaimedBuild> claimed = new ArrayList<>();
        try (ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<List<ClaimedBuild>>> results = IntStream.range(0, 12)
                    .mapToObj(i -> workers.submit((Callable<List<ClaimedBuild>>) () -> claimAll("worker-" + i)))
                    .toList();
            for (Future<List<ClaimedBuild>> result : results) {
                claimed.addAll(result.get());
            }
        }

        assertThat(claimed).extracting(claim -> claim.build().id()).containsExactlyInAnyOrderElementsOf(submitted);
        assertThat(claimed).extracting(ClaimedBuild::fencingToken).doesNotHaveDuplicates();
    }

    private List<ClaimedBuild> claimAll(String worker) {
        List<ClaimedBuild> claimed = new ArrayList<>();
        for (var next = queue.claim(worker, null, TOKEN_HASH, LEASE);
                next.isPresent();
                next = queue.claim(worker, null, TOKEN_HASH, LEASE)) {
            claimed.add(next.get());
        }
        return claimed;
    }

    @Test
    void whatIsSealedGoesToTheWorkerAndIsForgottenAtTheEnd() {
        ClaimedBuild claim = submitAndClaim();
        assertThat(claim.sealed()).isEqualTo("[{\"password\": \"secret\"}]");
        report(claim, 1, w -> w.succeeded(new BuildResult("sha256:aa", "type", 1)));
        assertThat(database.<List<String>>inTransaction(transaction -> transaction.list(
                        "select builds::text as everything from builds", row -> row.text("everything"))))
                .singleElement()
                .asString()
                .doesNotContain("secret");
    }

    @Test
    void everythingThatAWorkerReportsIsStored() {
        ClaimedBuild claim = submitAndClaim();
        BuildId id = claim.build().id();

        report(
                claim,
                1,
                w -> w.planned(List.of(Step.planned(1, "0", "RUN true", 2), Step.planned(2, "0", "export", null))),
                w -> w.baseResolved(new Base("debian", "docker.io/library/debian:latest", "sha256:aa")),
                w -> w.warned(AT, new Warning(1, "Rule", "Hm")),
                w -> w.stepStarted(AT, 1),
                w -> w.output(AT, 1, "stdout", "a\n".getBytes(UTF_8)),
                w -> w.output(AT, 1, "stdout", "b\n".getBytes(UTF_8)),
                w -> w.output(AT, 1, "stderr", new byte[] {(byte) 0xff, 0}),
                w -> w.stepFinished(
                        AT.plusSeconds(2), 1, "executed", 2000, "sha256:bb", 77L, "{\"reason\": \"first\"}"),
                w -> w.pushed(AT, "registry.example/app:1"),
                w -> w.succeeded(new BuildResult("sha256:cc", "application/vnd.oci.image.manifest.v1+json", 99)));

        BuildDetails details = builds.details(id).orElseThrow();
        assertThat(details.build().state()).isEqualTo(BuildState.SUCCEEDED);
        assertThat(details.build().result())
                .isEqualTo(new BuildResult("sha256:cc", "application/vnd.oci.image.manifest.v1+json", 99));
        assertThat(details.build().images()).containsExactly("registry.example/app:1");
        assertThat(details.bases()).containsExactly(new Base("debian", "docker.io/library/debian:latest", "sha256:aa"));
        assertThat(details.warnings()).hasSize(2);
        assertThat(details.steps())
                .containsExactly(
                        new Step(
                                1,
                                "0",
                                "RUN true",
                                2,
                                "executed",
                                AT,
                                AT.plusSeconds(2),
                                2000L,
                                "sha256:bb",
                                77L,
                                "{\"reason\": \"first\"}"),
                        new Step(2, "0", "export", null, "cancelled", null, null, null, null, null, null));
        assertThat(entries(id, 2).stream().map(BuildQueueTest::describe))
                .containsExactly(
                        "warning Hm",
                        "start 1 RUN true",
                        "stdout a\nb\n",
                        "stderr \ufffd\0",
                        "end 1 executed 2000",
                        "pushed registry.example/app:1",
                        "SUCCEEDED sha256:cc");
    }

    private static String describe(LogEntry entry) {
        return switch (entry) {
            case LogEntry.Output output -> output.stream() + " " + new String(output.data(), UTF_8);
            case LogEntry.StepStarted started -> "start " + started.step() + " " + started.instruction();
            case LogEntry.StepFinished f -> "end " + f.step() + " " + f.outcome() + " " + f.durationMillis();
            case LogEntry.Warned warned -> "warning " + warned.message();
            case LogEntry.Pushed pushed -> "pushed " + pushed.name();
            case LogEntry.Notice notice -> "notice " + notice.message();
            case LogEntry.Entered entered -> entered.state().name();
            case LogEntry.Ended ended -> ended.state() + " " + ended.message();
        };
    }

    private List<LogEntry> entries(BuildId id, long after) {
        List<LogEntry> entries = new ArrayList<>();
        BuildLog.Page page = log.page(id, after, LogFilter.ALL);
        while (!page.entries().isEmpty()) {
            entries.addAll(page.entries());
            page = log.page(id, page.through(), LogFilter.ALL);
        }
        return entries;
    }

    @Test
    void longOutputIsKeptWholeInEntriesOfBoundedSize() {
        ClaimedBuild claim = submitAndClaim();
        byte[] output = new byte[3 * LogWriter.MAX_OUTPUT_BYTES + 1];
        java.util.Arrays.fill(output, (byte) 'x');
        report(
                claim,
                1,
                w -> w.output(AT, null, "system", new byte[] {'y'}),
                w -> w.output(AT, null, "system", output));

        List<LogEntry> entries = entries(claim.build().id(), 2);
        assertThat(entries).hasSize(4);
        assertThat(entries.stream()
                        .mapToInt(entry -> ((LogEntry.Output) entry).data().length)
                        .sum())
                .isEqualTo(output.length + 1);
    }

    @Test
    void aReportThatIsSentAgainIsStoredOnce() {
        ClaimedBuild claim = submitAndClaim();
        Event one = w -> w.output(AT, null, "system", "1".getBytes(UTF_8));
        Event two = w -> w.output(AT, null, "system", "2".getBytes(UTF_8));
        Event end = w -> w.failed(new Failure("internal", "Oops", "RUN x", 4, null, null));

        assertThat(report(claim, 1, one)).isEqualTo(new Recorded.Stored(1, false, false));
        assertThat(report(claim, 1, one, two, end)).isEqualTo(new Recorded.Stored(3, false, true));
        assertThat(report(claim, 1, one, two, end)).isEqualTo(new Recorded.Stored(3, false, false));
        assertThat(report(claim, 5, one)).isInstanceOf(Recorded.LeaseLost.class);
        assertThat(entries(claim.build().id(), 2).stream().map(BuildQueueTest::describe))
                .containsExactly("system 1", "system 2", "FAILED Oops (internal, line 4)");
    }

    @Test
    void aGapBetweenReportsIsRefused() {
        ClaimedBuild claim = submitAndClaim();
        assertThat(report(claim, 3, w -> w.output(AT, null, "system", new byte[1])))
                .isEqualTo(new Recorded.Gap(0));
    }

    @Test
    void aReportIsStoredWholeOrNotAtAll() {
        ClaimedBuild claim = submitAndClaim();
        assertThatThrownBy(() ->
                        report(claim, 1, w -> w.output(AT, null, "system", new byte[1]), w -> w.stepStarted(AT, 9)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("step 9");
        assertThat(entries(claim.build().id(), 2)).isEmpty();
        assertThat(report(claim, 1)).isEqualTo(new Recorded.Stored(0, false, false));
    }

    @Test
    void anExpiredLeaseGivesTheBuildToAnotherWorkerOnceAndThenEndsIt() {
        ClaimedBuild first = submitAndClaim();
        BuildId id = first.build().id();
        assertThat(queue.expireLeases(queue.now())).isEmpty();
        report(first, 1, w -> w.planned(List.of(Step.planned(1, "0", "RUN true", 2))));

        expire(first, 2);
        assertThat(queue.expireLeases(queue.now())).containsExactly(new EndedAttempt(id, "worker", BuildState.QUEUED));
        assertThat(builds.details(id).orElseThrow().steps()).isEmpty();

        ClaimedBuild second = claim("other");
        assertThat(second.build().attempt()).isEqualTo(2);
        assertThat(second.fencingToken()).isGreaterThan(first.fencingToken());
        expire(second, 1);
        assertThat(queue.expireLeases(queue.now())).containsExactly(new EndedAttempt(id, "other", BuildState.FAILED));
        Build build = builds.find(id).orElseThrow();
        assertThat(build.failure()).extracting(Failure::code).isEqualTo("worker_lost");
        assertThat(entries(id, 1).stream().map(BuildQueueTest::describe))
                .satisfiesExactly(
                        running -> assertThat(running).isEqualTo("RUNNING"),
                        notice -> assertThat(notice).contains("queued again"),
                        queued -> assertThat(queued).isEqualTo("QUEUED"),
                        running -> assertThat(running).isEqualTo("RUNNING"),
                        hint -> assertThat(hint).contains("Hint: "),
                        ended -> assertThat(ended)
                                .startsWith("FAILED The worker died")
                                .contains("2 attempts"));
    }

    @Test
    void aWorkerThatSleptThroughItsLeaseCanWriteNothing() {
        ClaimedBuild slept = submitAndClaim();
        expire(slept, 1);
        queue.expireLeases(queue.now());
        Event end = w -> w.succeeded(new BuildResult("sha256:aa", "type", 1));
        assertThat(report(slept, 1, end)).isInstanceOf(Recorded.LeaseLost.class);

        ClaimedBuild current = claim("other");
        assertThat(report(slept, 1, end)).isInstanceOf(Recorded.LeaseLost.class);
        assertThat(builds.find(current.build().id()).orElseThrow().state()).isEqualTo(BuildState.RUNNING);
        assertThat(report(current, 1, end)).isEqualTo(new Recorded.Stored(1, false, true));
    }

    @Test
    void silenceWhileTheServiceWasAwayIsForgiven() {
        ClaimedBuild claim = submitAndClaim();
        expire(claim, 1);
        queue.forgiveSilence(LEASE);
        assertThat(queue.expireLeases(queue.now())).isEmpty();
    }

    /** A clock may leap after the time by which it is judged was taken, and another service may give every build a new lease then. */
    @Test
    void aLeaseIsOverByTheTimeThatIsGivenAndByTheClock() {
        ClaimedBuild claim = submitAndClaim();
        assertThat(queue.expireLeases(queue.now().plus(Duration.ofHours(3)))).isEmpty();
        expire(claim, 1);
        assertThat(queue.expireLeases(queue.now().minus(Duration.ofHours(3)))).isEmpty();
        assertThat(queue.expireLeases(queue.now())).hasSize(1);
    }

    @Test
    void whatADeadWorkerLastSaidIsStoredBeforeItsBuildIsHandedBack() throws Exception {
        BuildId id = submitAndClaim().build().id();
        try (ExecutorService other = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<List<EndedAttempt>> handedBack = database.inTransaction(transaction -> {
                transaction.update("update builds set last_entry = last_entry where id = ?", id.value());
                Future<List<EndedAttempt>> begun = other.submit(() -> queue.handBack("worker"));
                TestDatabase.awaitLockWaits(database, 1);
                return begun;
            });
            assertThat(handedBack.get()).containsExactly(new EndedAttempt(id, "worker", BuildState.QUEUED));
        }
    }

    /** What has begun after the leap has its time by the new clock already. */
    @Test
    void aLeapMovesTheTimesOfWhatHasBegunBefore() {
        ClaimedBuild before = submitAndClaim();
        ClaimedBuild after = claimed("late");
        Instant now = queue.now();
        begun(before, now.minus(Duration.ofMinutes(10)).plus(Duration.ofHours(3)));
        begun(after, now);
        queue.clockLeapt(Duration.ofHours(-3), now.minusSeconds(1), LEASE);
        assertThat(begun(before)).isEqualTo(now.minus(Duration.ofMinutes(10)));
        assertThat(begun(after)).isEqualTo(now);
        queue.clockLeapt(Duration.ofHours(3), now.plus(Duration.ofHours(3)), LEASE);
        assertThat(begun(before)).isEqualTo(now.minus(Duration.ofMinutes(10)).plus(Duration.ofHours(3)));
    }

    private ClaimedBuild claimed(String worker) {
        submit(0);
        return claim(worker);
    }

    private void begun(ClaimedBuild claim, Instant at) {
        database.run(transaction -> transaction.update(
                "update builds set attempt_started_at = ? where id = ?",
                at,
                claim.build().id().value()));
    }

    private Instant begun(ClaimedBuild claim) {
        return database.first(
                        "select attempt_started_at from builds where id = ?",
                        row -> row.time("attempt_started_at"),
                        claim.build().id().value())
                .orElseThrow();
    }

    @Test
    void aBuildThatIsHandedBackIsNotCountedAsLost() {
        submitAndClaim();
        queue.handBack("worker");
        assertThat(claim("b").build().losses()).isZero();
        queue.workerDied("b");
        assertThat(claim("c").build()).satisfies(build -> {
            assertThat(build.losses()).isEqualTo(1);
            assertThat(build.attempt()).isEqualTo(3);
        });
    }

    @Test
    void aQueuedBuildIsCancelledAtOnceAndARunningOneWhenItsWorkerSaysSo() {
        BuildId queued = submit(0);
        assertThat(queue.cancel(queued)).isInstanceOf(CancelOutcome.Cancelled.class);
        assertThat(queue.cancel(queued)).isInstanceOf(CancelOutcome.Cancelled.class);
        assertThat(queue.claim("a", null, TOKEN_HASH, LEASE)).isEmpty();

        ClaimedBuild running = submitAndClaim();
        BuildId id = running.build().id();
        assertThat(queue.cancel(id)).isInstanceOf(CancelOutcome.Requested.class);
        assertThat(report(running, 1)).isEqualTo(new Recorded.Stored(0, true, false));
        assertThat(queue.cancelOverdue(queue.now(), Duration.ofMinutes(1))).isEmpty();
        report(running, 1, w -> w.failed(new Failure("cancelled", "Cancelled.", null, null, null, null)));
        assertThat(builds.find(id).orElseThrow().state()).isEqualTo(BuildState.CANCELLED);

        assertThat(queue.cancel(BuildId.create(Instant.now()))).isInstanceOf(CancelOutcome.Unknown.class);
    }

    @Test
    void aWorkerThatDoesNotHeedACancellationIsOverruled() {
        ClaimedBuild running = submitAndClaim();
        BuildId id = running.build().id();
        queue.cancel(id);
        assertThat(queue.cancelOverdue(queue.now(), PAST))
                .containsExactly(new EndedAttempt(id, "worker", BuildState.CANCELLED));
        assertThat(report(running, 1, w -> w.succeeded(new BuildResult("sha256:aa", "type", 1))))
                .isInstanceOf(Recorded.LeaseLost.class);
        assertThat(queue.cancel(id)).isInstanceOf(CancelOutcome.Cancelled.class);
    }

    @Test
    void cancellingAFinishedBuildSaysHowItEnded() {
        ClaimedBuild claim = submitAndClaim();
        report(claim, 1, w -> w.succeeded(new BuildResult("sha256:aa", "type", 1)));
        assertThat(queue.cancel(claim.build().id())).isEqualTo(new CancelOutcome.Finished(BuildState.SUCCEEDED));
    }

    @Test
    void aBuildThatOverrunsItsTimeLimitIsEnded() {
        ClaimedBuild claim = submitAndClaim();
        assertThat(queue.timeOutOverdue(queue.now(), Duration.ofMinutes(1))).isEmpty();
        assertThat(queue.timeOutOverdue(queue.now(), Duration.ofMinutes(-2)))
                .containsExactly(new EndedAttempt(claim.build().id(), "worker", BuildState.FAILED));
        assertThat(builds.find(claim.build().id()).orElseThrow().failure())
                .extracting(Failure::code)
                .isEqualTo("build_timeout");
    }

    @Test
    void theTokenOfAnAttemptIsGoodForItsBuildOnly() {
        ClaimedBuild claim = submitAndClaim();
        BuildId other = submit(0);
        assertThat(queue.isAttemptToken(claim.build().id(), TOKEN_HASH)).isTrue();
        assertThat(queue.isAttemptToken(claim.build().id(), new byte[] {1})).isFalse();
        assertThat(queue.isAttemptToken(other, TOKEN_HASH)).isFalse();
    }

    @Test
    void buildsAreListedNewestFirstInPagesAndByFilter() {
        List<BuildId> ids =
                IntStream.range(0, 5).mapToObj(i -> submit(0)).sorted().toList();
        queue.cancel(ids.get(1));

        BuildFilter all = new BuildFilter(Scope.EVERY, java.util.Set.of(), null);
        assertThat(builds.list(all, null, 2)).extracting(Build::id).containsExactly(ids.get(4), ids.get(3));
        assertThat(builds.list(all, ids.get(3), 9))
                .extracting(Build::id)
                .containsExactly(ids.get(2), ids.get(1), ids.get(0));
        assertThat(builds.list(
                        new BuildFilter(Scope.of("default"), java.util.Set.of(BuildState.CANCELLED), null), null, 9))
                .extracting(Build::id)
                .containsExactly(ids.get(1));
        assertThat(builds.list(new BuildFilter(Scope.EVERY, java.util.Set.of(), "registry.example/app:1"), null, 9))
                .hasSize(5);
        assertThat(builds.list(new BuildFilter(Scope.EVERY, java.util.Set.of(), "other"), null, 9))
                .isEmpty();
        assertThat(builds.list(new BuildFilter(Scope.of("other"), java.util.Set.of(), null), null, 9))
                .isEmpty();
        assertThat(builds.depth()).isEqualTo(new QueueDepth(4, 0));
    }

    @Test
    void runningAndUnsweptBuildsAreKnown() {
        ClaimedBuild claim = submitAndClaim();
        BuildId id = claim.build().id();
        assertThat(builds.running())
                .isEqualTo(Map.of("worker", new RunningBuild(id, "worker", 1, claim.fencingToken())));
        report(claim, 1, w -> w.failed(new Failure("internal", "Oops", null, null, null, null)));

        assertThat(builds.running()).isEmpty();
        assertThat(builds.withWork(PAST, "hom_0", 10)).containsExactly(id);
        assertThat(builds.withWork(Duration.ofMinutes(1), "hom_0", 10)).isEmpty();
        assertThat(builds.unswept(PAST, 1 << 20, "hom_0", 10)).isEmpty();
        builds.workSwept(id);
        assertThat(builds.withWork(PAST, "hom_0", 10)).isEmpty();
        assertThat(builds.unswept(PAST, 1 << 20, "hom_0", 10))
                .extracting(Build::id)
                .containsExactly(id);
        builds.swept(id);
        assertThat(builds.unswept(PAST, 1 << 20, "hom_0", 10)).isEmpty();
        assertThat(builds.find(id).orElseThrow().filesSweptAt()).isNotNull();
    }

    @Test
    void contextsStayForAWhileUnlessThereAreTooManyOrTheyAreOfNoUse() {
        List<BuildId> ids = new ArrayList<>();
        for (String sealed : java.util.Arrays.asList("secret", null, null, null)) {
            BuildDraft draft = draft("default", 0);
            BuildId id = queue.submit(new BuildDraft(
                            draft.id(),
                            draft.project(),
                            "{}",
                            sealed,
                            List.of(),
                            null,
                            0,
                            1000,
                            draft.dockerfile(),
                            draft.context(),
                            null,
                            List.of()))
                    .id();
            queue.cancel(id);
            builds.workSwept(id);
            ids.add(id);
        }
        Duration hour = Duration.ofHours(1);
        assertThat(builds.unswept(hour, 1 << 20, "hom_0", 10))
                .extracting(Build::id)
                .containsExactly(ids.get(0));
        assertThat(builds.unswept(hour, 2 * 10240, "hom_0", 10))
                .extracting(Build::id)
                .containsExactly(ids.get(0), ids.get(1));
        assertThat(builds.unswept(PAST, 1 << 20, "hom_0", 2))
                .extracting(Build::id)
                .containsExactly(ids.get(0), ids.get(1));
    }

    private void expire(ClaimedBuild claim, long nextSequence) {
        queue.record(claim.build().id(), claim.fencingToken(), nextSequence, List.of(), PAST, (w, events) -> {});
    }

    /** What a worker says, as one event. */
    private interface Event extends Consumer<AttemptWriter> {}

    private Recorded report(ClaimedBuild claim, long firstSequence, Event... events) {
        return queue.record(
                claim.build().id(),
                claim.fencingToken(),
                firstSequence,
                List.of(events),
                LEASE,
                (writer, all) -> all.forEach(event -> event.accept(writer)));
    }

    private ClaimedBuild submitAndClaim() {
        submit(0);
        return claim("worker");
    }

    private ClaimedBuild claim(String worker) {
        return queue.claim(worker, null, TOKEN_HASH, LEASE).orElseThrow();
    }

    private BuildId submit(int priority) {
        return queue.submit(draft("default", priority)).id();
    }

    private static BuildDraft draft(String project, int priority) {
        return new BuildDraft(
                BuildId.create(Instant.now()),
                project,
                "{\"noCache\": true}",
                "[{\"password\": \"secret\"}]",
                List.of("registry.example/app:1"),
                null,
                priority,
                60_000,
                new DockerfileText("Dockerfile", "FROM scratch\nRUN true\n"),
                new ContextFile("/contexts/1.tar", 10240, "ab".repeat(32)),
                null,
                List.of(new Warning(2, "Rule", "Probably not meant")));
    }
}
