package io.slipway.db.build;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.db.Database;
import io.slipway.db.TestDatabase;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class BuildLogTest {
    private static final Instant AT = Instant.parse("2026-01-01T00:00:00Z");

    private final Database database = TestDatabase.create();
    private final BuildQueue queue = new BuildQueue(database);
    private final BuildLog log = new BuildLog(database);
    private final BuildId id = write();

    /** Two steps side by side: 1 state, 2 and 3 started, 4 to 9 output, 10 and 11 finished, 12 ended. */
    private BuildId write() {
        BuildDraft draft = new BuildDraft(
                BuildId.create(Instant.now()),
                "default",
                "{}",
                null,
                List.of(),
                null,
                0,
                100_000,
                new DockerfileText("Dockerfile", "FROM scratch"),
                new ContextFile("/contexts/1.tar", 10, "ab"),
                null,
                List.of());
        queue.submit(draft);
        ClaimedBuild claim =
                queue.claim("w", null, new byte[32], Duration.ofSeconds(60)).orElseThrow();
        byte[] large = "x".repeat(60 * 1024).getBytes(UTF_8);
        queue.record(draft.id(), claim.fencingToken(), 1, List.of(1), Duration.ofSeconds(60), (writer, _) -> {
            writer.planned(List.of(Step.planned(1, "0", "RUN a", 2), Step.planned(2, "0", "RUN b", 3)));
            writer.stepStarted(AT, 1);
            writer.stepStarted(AT, 2);
            for (int i = 0; i < 6; i++) {
                writer.output(AT.plusSeconds(i), 1 + i % 2, "stdout", large);
            }
            writer.stepFinished(AT.plusSeconds(7), 1, "cached", 1, null, null, null);
            writer.stepFinished(AT.plusSeconds(8), 2, "executed", 1, null, null, "{}");
            writer.failed(new Failure("internal", "Oops", null, null, null, null));
        });
        return draft.id();
    }

    private List<Long> read(long after, LogFilter filter) {
        List<Long> positions = new ArrayList<>();
        BuildLog.Page page = log.page(id, after, filter);
        while (!page.entries().isEmpty()) {
            page.entries().forEach(entry -> positions.add(entry.seq()));
            page = log.page(id, page.through(), filter);
        }
        return positions;
    }

    @Test
    void aPageHasABoundedNumberOfBytesAndIsNeverEmptyBeforeTheEnd() {
        assertThat(log.page(id, 3, LogFilter.ALL).entries())
                .extracting(LogEntry::seq)
                .containsExactly(4L, 5L, 6L);
        assertThat(read(0, LogFilter.ALL)).containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L, 10L, 11L, 12L);
    }

    @Test
    void aFilterLeavesOutWhatIsNotWantedButNeverTheEnd() {
        assertThat(read(0, new LogFilter(2, true))).containsExactly(3L, 5L, 7L, 9L, 11L, 12L);
        assertThat(read(0, new LogFilter(null, false))).containsExactly(1L, 2L, 3L, 10L, 11L, 12L);
        assertThat(log.page(id, 12, new LogFilter(7, true))).isEqualTo(new BuildLog.Page(List.of(), 12));
        for (LogFilter filter : List.of(new LogFilter(2, true), new LogFilter(null, false), new LogFilter(1, false))) {
            List<Long> admitted = new ArrayList<>();
            for (long position = 0; position < 12; position++) {
                LogEntry entry = log.page(id, position, LogFilter.ALL).entries().getFirst();
                if (filter.admits(entry)) {
                    admitted.add(entry.seq());
                }
            }
            assertThat(read(0, filter))
                    .as("%s in the database and in memory", filter)
                    .isEqualTo(admitted);
        }
    }

    @Test
    void entriesAreReadBackwardsAndFromATimeOn() {
        assertThat(log.before(id, 9, LogFilter.ALL)).extracting(LogEntry::seq).containsExactly(8L, 7L, 6L);
        assertThat(log.since(id, AT.plusSeconds(2))).isEqualTo(0); // the state was entered now
        assertThat(log.since(id, Instant.now().plusSeconds(60))).isEqualTo(12);
    }

    @Test
    void aStepSaysWhetherTheCacheHadIt() {
        assertThat(log.page(id, 9, LogFilter.ALL).entries())
                .filteredOn(entry -> entry instanceof LogEntry.StepFinished)
                .extracting(entry -> ((LogEntry.StepFinished) entry).cache())
                .containsExactly("hit", "miss");
    }
}
