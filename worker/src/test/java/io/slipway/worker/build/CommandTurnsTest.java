package io.slipway.worker.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.image.Digest;
import io.slipway.protocol.BuildEvent;
import io.slipway.protocol.StepBudget;
import io.slipway.protocol.StepOutcome;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

final class CommandTurnsTest {
    private static final Digest PLACE = Digest.of(new byte[0]);
    private static final long NEEDED = 1000;

    private final List<BuildEvent> events = Collections.synchronizedList(new ArrayList<>());
    private final StepLog log = new StepLog(events::add);
    private final AtomicLong free = new AtomicLong(Long.MAX_VALUE);
    private final AtomicInteger running = new AtomicInteger();
    private final AtomicInteger done = new AtomicInteger();

    /** Commands that run until they are let go. */
    private Future<?> command(ExecutorService threads, CommandTurns turns, CountDownLatch end) {
        StepLog.Running step = log.start(1, PLACE);
        return threads.submit(() -> turns.within(step, () -> {
            running.incrementAndGet();
            end.await();
            running.decrementAndGet();
            return done.incrementAndGet();
        }));
    }

    @Test
    void moreThanTheBudgetHasWaitUntilOneEnds() throws Exception {
        CommandTurns turns = new CommandTurns(new StepBudget(2, NEEDED), free::get);
        CountDownLatch first = new CountDownLatch(1);
        CountDownLatch others = new CountDownLatch(1);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<?> one = command(threads, turns, first);
            Awaitility.await().until(() -> running.get() == 1);
            var _ = command(threads, turns, others);
            Awaitility.await().until(() -> running.get() == 2);
            Future<?> third = command(threads, turns, others);
            Awaitility.await().during(Duration.ofMillis(200)).until(() -> running.get() == 2);
            first.countDown();
            one.get();
            Awaitility.await().until(() -> running.get() == 2);
            others.countDown();
            third.get();
        }
        assertThat(done).hasValue(3);
    }

    @Test
    void oneRunsHoweverLittleMemoryThereIsAndOthersBesideItWhenThereIsEnough() throws Exception {
        CommandTurns turns = new CommandTurns(new StepBudget(4, NEEDED), free::get);
        free.set(NEEDED - 1);
        CountDownLatch end = new CountDownLatch(1);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var _ = command(threads, turns, end);
            var _ = command(threads, turns, end);
            Awaitility.await().until(() -> running.get() == 1);
            Awaitility.await().during(Duration.ofMillis(200)).until(() -> running.get() == 1);
            free.set(NEEDED);
            Awaitility.await().until(() -> running.get() == 2);
            end.countDown();
        }
        assertThat(done).hasValue(2);
    }

    @Test
    void aTurnIsGivenBackWhenTheCommandFails() throws Exception {
        CommandTurns turns = new CommandTurns(new StepBudget(1, NEEDED), free::get);
        StepLog.Running step = log.start(1, PLACE);
        assertThatThrownBy(() -> turns.within(step, () -> {
                    throw new IOException("no");
                }))
                .hasMessage("no");
        assertThat(turns.<String>within(step, () -> "next")).isEqualTo("next");
    }

    @Test
    void theTimeThatAStepWaitsIsNotTimeThatItTook() {
        StepLog.Running step = log.start(1, PLACE);
        step.waited(Duration.ofHours(1));
        step.finished(StepOutcome.EXECUTED, null);
        assertThat(events.getLast())
                .isInstanceOfSatisfying(
                        BuildEvent.StepFinished.class,
                        finished -> assertThat(finished.durationMillis()).isZero());
    }
}
