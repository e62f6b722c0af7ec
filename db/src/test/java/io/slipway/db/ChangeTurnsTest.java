package io.slipway.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class ChangeTurnsTest {
    private final Database database = TestDatabase.create();

    @Test
    void ofOneNameOneAtATimeHasATurnWhicheverServiceItAsks() throws Exception {
        List<ChangeTurns> services = List.of(new ChangeTurns(database), new ChangeTurns(database));
        AtomicInteger within = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        int[] unguarded = new int[1];
        List<Callable<Boolean>> changes = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            ChangeTurns service = services.get(i % 2);
            changes.add(() -> {
                try (ChangeTurns.Turn _ = service.take("/v1/projects/a")) {
                    most.accumulateAndGet(within.incrementAndGet(), Math::max);
                    unguarded[0]++;
                    within.decrementAndGet();
                }
                return true;
            });
        }
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<Boolean> change : threads.invokeAll(changes)) {
                assertThat(change.get()).isTrue();
            }
        }
        assertThat(most).hasValue(1);
        assertThat(unguarded[0]).isEqualTo(30);
    }

    @Test
    void othersDoNotWait() {
        ChangeTurns turns = new ChangeTurns(database);
        try (ChangeTurns.Turn _ = turns.take("/v1/projects/a");
                ChangeTurns.Turn _ = turns.take("/v1/projects/b")) {
            assertThat(isReached()).isTrue();
        }
    }

    @Test
    void thoseWhoAllWantOneNameKeepNobodyFromAnother() throws Exception {
        ChangeTurns turns = new ChangeTurns(database);
        List<Thread> waiting = new ArrayList<>();
        try (ChangeTurns.Turn _ = turns.take("/v1/projects/a")) {
            for (int i = 0; i < 8; i++) {
                waiting.add(Thread.ofPlatform().start(() -> {
                    try (ChangeTurns.Turn _ = turns.take("/v1/projects/a")) {
                        assertThat(isReached()).isTrue();
                    }
                }));
            }
            while (waiting.stream()
                    .anyMatch(thread -> thread.isAlive() && thread.getState() != Thread.State.TIMED_WAITING)) {
                Thread.onSpinWait();
            }
            turns.take("/v1/projects/b").close();
            assertThat(waiting).allMatch(Thread::isAlive);
        }
        for (Thread thread : waiting) {
            thread.join();
        }
    }

    @Test
    void whoseTurnDoesNotComeIsToldSo() {
        ChangeTurns turns = new ChangeTurns(database);
        try (ChangeTurns.Turn _ = turns.take("/v1/projects/a")) {
            assertThatThrownBy(() -> turns.take("/v1/projects/a")).isInstanceOf(DatabaseException.class);
        }
        turns.take("/v1/projects/a").close();
    }

    private boolean isReached() {
        return database.inTransaction(transaction -> transaction
                .first("select true as reached", row -> row.flag("reached"))
                .orElseThrow());
    }
}
