package io.slipway.db.build;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.db.Database;
import io.slipway.db.TestDatabase;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class BuildTracesTest {
    private static final String PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    private final Database database = TestDatabase.create();
    private final BuildQueue queue = new BuildQueue(database);
    private final BuildTraces traces = new BuildTraces(database);

    private BuildId submit(@Nullable String parent) {
        return queue.submit(new BuildDraft(
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
                        parent,
                        List.of()))
                .id();
    }

    @Test
    void aBuildIsTakenOnceItHasEndedIfItIsInATrace() {
        BuildId traced = submit(PARENT);
        BuildId other = submit(null);
        assertThat(new Builds(database).find(traced).orElseThrow().traceParent())
                .isEqualTo(PARENT);
        assertThat(traces.take(10)).isEmpty();
        queue.cancel(traced);
        queue.cancel(other);
        assertThat(traces.take(10)).containsExactly(traced);
        assertThat(traces.take(10)).isEmpty();
    }

    @Test
    void ofManyWhoAskEachBuildIsTakenByOne() throws Exception {
        List<BuildId> submitted = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            BuildId id = submit(PARENT);
            queue.cancel(id);
            submitted.add(id);
        }
        List<BuildId> taken = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<List<BuildId>>> takers = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                takers.add(() -> {
                    List<BuildId> own = new ArrayList<>();
                    List<BuildId> some = traces.take(3);
                    while (!some.isEmpty()) {
                        own.addAll(some);
                        some = traces.take(3);
                    }
                    return own;
                });
            }
            for (Future<List<BuildId>> taker : threads.invokeAll(takers)) {
                taken.addAll(taker.get());
            }
        }
        taken.addAll(traces.take(100));
        assertThat(taken).containsExactlyInAnyOrderElementsOf(submitted);
    }
}
