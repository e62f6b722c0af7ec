package io.slipway.db.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.db.Database;
import io.slipway.db.TestDatabase;
import io.slipway.db.build.BuildDraft;
import io.slipway.db.build.BuildId;
import io.slipway.db.build.BuildQueue;
import io.slipway.db.build.BuildState;
import io.slipway.db.build.ClaimedBuild;
import io.slipway.db.build.ContextFile;
import io.slipway.db.build.DockerfileText;
import io.slipway.db.build.Failure;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

final class CommitStatusesTest {
    private static final Duration HOLD = Duration.ofMinutes(1);
    private static final Duration PAST = Duration.ofSeconds(-1);
    private static final String COMMIT = "6113728f27ae82c7b1a177c8d03f9e96e0adf246";

    private final Database database = TestDatabase.create();
    private final Triggers triggers = new Triggers(database);
    private final CommitStatuses statuses = new CommitStatuses(database);
    private final BuildQueue queue = new BuildQueue(database);
    private final String trigger = trigger();

    private String trigger() {
        String id = Triggers.newId(Instant.now());
        assertThat(triggers.add(new NewTrigger(id, "default", "github", "{}", "sealed", "secret", "tok_0")))
                .isPresent();
        return id;
    }

    private BuildId build() {
        BuildDraft draft = new BuildDraft(
                BuildId.create(Instant.now()),
                "default",
                "{}",
                null,
                List.of(),
                null,
                0,
                1000,
                new DockerfileText("Dockerfile", "FROM scratch"),
                new ContextFile("/none", 1, "0".repeat(64)),
                null,
                List.of());
        queue.submit(
                draft,
                (transaction, _) -> CommitStatuses.note(
                        transaction,
                        trigger,
                        COMMIT,
                        "slipway",
                        draft.id().value(),
                        null,
                        "refs/heads/main",
                        "http://here"));
        return draft.id();
    }

    private static BuildState state(CommitStatus status) {
        return Objects.requireNonNull(status.build()).state();
    }

    private CommitStatus claim() {
        List<CommitStatus> claimed = statuses.claim(10, HOLD);
        assertThat(claimed).hasSize(1);
        return claimed.getFirst();
    }

    @Test
    void whatHappensIsSaidInOrderOneThingAtATime() {
        BuildId build = build();
        CommitStatus queued = claim();
        assertThat(state(queued)).isEqualTo(BuildState.QUEUED);
        queue.claim("wrk_1", null, new byte[32], HOLD);
        assertThat(statuses.claim(10, HOLD))
                .as("the first one is still being sent")
                .isEmpty();
        statuses.sent(queued, "pending", null);
        CommitStatus running = claim();
        assertThat(state(running)).isEqualTo(BuildState.RUNNING);
        assertThat(running.sentState()).isEqualTo("pending");
        statuses.sent(running, "pending", null);
        assertThat(statuses.claim(10, HOLD)).as("all is said").isEmpty();
        assertThat(statuses.of(trigger, List.of(COMMIT)))
                .extracting(status -> Objects.requireNonNull(status.build()).id())
                .containsExactly(build.value());
    }

    @Test
    void whatWasMissedIsNotSaid() {
        BuildId build = build();
        queue.cancel(build);
        CommitStatus cancelled = claim();
        assertThat(state(cancelled)).isEqualTo(BuildState.CANCELLED);
        statuses.sent(cancelled, "error", null);
        assertThat(statuses.claim(10, HOLD)).isEmpty();
    }

    @Test
    void whoSleptThroughAClaimIsNotBelieved() {
        build();
        CommitStatus slept = statuses.claim(10, PAST).getFirst();
        CommitStatus held = claim();
        statuses.sent(slept, "pending", null);
        assertThat(statuses.of(trigger, List.of(COMMIT)).getFirst().sentState()).isNull();
        statuses.sent(held, "pending", null);
        assertThat(statuses.of(trigger, List.of(COMMIT)).getFirst().sentState()).isEqualTo("pending");
    }

    @Test
    void whatFailsIsTriedAgainAfterAPause() {
        build();
        statuses.failed(claim(), "away", HOLD);
        assertThat(statuses.claim(10, HOLD)).isEmpty();
        assertThat(statuses.of(trigger, List.of(COMMIT)).getFirst().attempts()).isEqualTo(1);
        database.run(transaction ->
                transaction.update("update commit_statuses set due_at = clock_timestamp() - interval '1 second'"));
        CommitStatus again = claim();
        assertThat(again.error()).isEqualTo("away");
        statuses.refused(again, "no");
        assertThat(statuses.claim(10, HOLD)).isEmpty();
        assertThat(statuses.of(trigger, List.of(COMMIT)).getFirst().error()).isEqualTo("no");
    }

    @Test
    void theNewestBuildOfACommitCounts() {
        BuildId first = build();
        statuses.sent(claim(), "pending", null);
        BuildId second = build();
        assertThat(Objects.requireNonNull(claim().build()).id()).isEqualTo(second.value());
        queue.cancel(first);
        assertThat(statuses.of(trigger, List.of(COMMIT)).getFirst().happened()).isEqualTo(2);
    }

    @Test
    void aCheckRunThatWasBegunIsKnownEvenIfNobodyHasHeardOfItsEnd() {
        BuildId build = build();
        CommitStatus slept = statuses.claim(10, PAST).getFirst();
        assertThat(slept.checkRun()).isNull();
        CommitStatus held = claim();
        assertThatThrownBy(() -> statuses.openingCheckRun(slept, build.value())).isInstanceOf(ClaimLostException.class);
        statuses.openingCheckRun(held, build.value());
        statuses.failed(held, "no answer", PAST);
        CommitStatus again = claim();
        assertThat(again.checkRun()).isEqualTo(new CheckRun(build.value(), null));
        statuses.sent(again, "queued", new CheckRun(build.value(), 17L));
        queue.cancel(build);
        CommitStatus cancelled = claim();
        assertThat(cancelled.checkRun()).isEqualTo(new CheckRun(build.value(), 17L));
        statuses.refused(cancelled, "no");
        CommitStatus refused = statuses.of(trigger, List.of(COMMIT)).getFirst();
        assertThat(refused.checkRun()).isEqualTo(cancelled.checkRun());
        assertThat(refused.sentState()).isEqualTo("queued");
    }

    @Test
    void whatAStatusTellsOfABuildIsThere() {
        build();
        ToldBuild queued = Objects.requireNonNull(claim().build());
        assertThat(queued.startedAt()).isNull();
        assertThat(queued.dockerfile()).isEqualTo("Dockerfile");
        ClaimedBuild claimed =
                queue.claim("w", null, new byte[32], Duration.ofMinutes(5)).orElseThrow();
        queue.failClaimed(
                claimed.build().id(),
                claimed.fencingToken(),
                new Failure("base_not_found", "It is gone.", "FROM gone", 3, null, "h"));
        ToldBuild failed = Objects.requireNonNull(
                statuses.of(trigger, List.of(COMMIT)).getFirst().build());
        assertThat(failed.finishedAt()).isNotNull();
        assertThat(Objects.requireNonNull(failed.failure()).line()).isEqualTo(3);
        database.run(transaction -> transaction.update("update builds set options = '{\"ignore\": \"\"}'"));
        assertThat(Objects.requireNonNull(
                                statuses.of(trigger, List.of(COMMIT)).getFirst().build())
                        .dockerfile())
                .as("it came as an option")
                .isNull();
    }

    @Test
    void whyThereIsNoBuildIsKept() {
        CommitProblem problem = new CommitProblem("It has a mistake.", "docker/Dockerfile", 7);
        database.run(transaction -> CommitStatuses.note(
                transaction, trigger, COMMIT, "slipway", null, problem, "refs/heads/main", "http://here"));
        CommitStatus status = claim();
        assertThat(status.build()).isNull();
        assertThat(status.problem()).isEqualTo(problem);
        build();
        assertThat(statuses.of(trigger, List.of(COMMIT)).getFirst().problem()).isNull();
    }

    @Test
    void whatIsOldOrADeletedTriggersIsForgotten() {
        build();
        assertThat(statuses.removeOld(PAST, 10)).as("it is not said yet").isZero();
        statuses.sent(claim(), "pending", null);
        assertThat(statuses.removeOld(Duration.ofDays(1), 10)).isZero();
        assertThat(statuses.removeOld(PAST, 10)).isEqualTo(1);
        build();
        triggers.delete("default", trigger);
        assertThat(statuses.removeOld(Duration.ofDays(1), 10)).isEqualTo(1);
    }
}
