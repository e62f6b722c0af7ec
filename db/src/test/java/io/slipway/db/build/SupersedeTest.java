package io.slipway.db.build;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.db.Database;
import io.slipway.db.TestDatabase;
import io.slipway.db.access.Projects;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class SupersedeTest {
    private static final Duration LEASE = Duration.ofSeconds(30);

    private final Database database = TestDatabase.create();
    private final BuildQueue queue = new BuildQueue(database);
    private final Builds builds = new Builds(database);
    private final BuildLog log = new BuildLog(database);

    @Test
    void aBuildTakesThePlaceOfEarlierOnesWithItsKey() {
        BuildId running = submit("default", "main");
        ClaimedBuild claim = queue.claim("w", null, new byte[32], LEASE).orElseThrow();
        BuildId newer = submit("default", "main");
        assertThat(builds.find(running).orElseThrow()).satisfies(build -> {
            assertThat(build.state()).isEqualTo(BuildState.RUNNING);
            assertThat(build.supersededBy()).isEqualTo(newer);
            assertThat(build.cancelRequestedAt()).isNotNull();
        });
        report(claim, new Failure("cancelled", "the build was cancelled", null, null, null, null));
        assertThat(builds.find(running).orElseThrow()).satisfies(build -> assertSuperseded(build, newer));

        BuildId newest = submit("default", "main");
        assertThat(builds.find(newer).orElseThrow()).satisfies(build -> assertSuperseded(build, newest));
        assertThat(builds.find(running).orElseThrow().supersededBy()).isEqualTo(newer);
        assertThat(queue.claim("w", null, new byte[32], LEASE))
                .get()
                .satisfies(next -> assertThat(next.build().id()).isEqualTo(newest));
    }

    private void assertSuperseded(Build build, BuildId by) {
        assertThat(build.state()).isEqualTo(BuildState.CANCELLED);
        assertThat(build.supersededBy()).isEqualTo(by);
        assertThat(build.failure()).isEqualTo(Failure.superseded(by));
        assertThat(log.page(build.id(), 0, LogFilter.ALL).entries())
                .last()
                .isInstanceOfSatisfying(
                        LogEntry.Ended.class,
                        ended -> assertThat(ended.message()).contains(by.value()));
    }

    @Test
    void aWorkerThatDoesNotHeedItIsOverruled() {
        BuildId running = submit("default", "main");
        queue.claim("w", null, new byte[32], LEASE);
        BuildId newer = submit("default", "main");
        queue.cancelOverdue(queue.now(), Duration.ofSeconds(-1));
        assertThat(builds.find(running).orElseThrow()).satisfies(build -> assertSuperseded(build, newer));
    }

    @Test
    void otherKeysOtherProjectsAndBuildsWithoutAKeyGoOn() {
        new Projects(database).create("other", null, "tok_0");
        List<BuildId> all = List.of(
                submit("default", "main"), submit("default", null), submit("other", "x"), submit("default", "x"));
        submit("default", "y");
        submit("default", null);
        assertThat(all)
                .allSatisfy(
                        id -> assertThat(builds.find(id).orElseThrow().state()).isEqualTo(BuildState.QUEUED));
    }

    @Test
    void whatSomebodyHasCancelledStaysCancelled() {
        BuildId running = submit("default", "main");
        ClaimedBuild claim = queue.claim("w", null, new byte[32], LEASE).orElseThrow();
        queue.cancel(running);
        submit("default", "main");
        report(claim, Failure.cancelled());
        assertThat(builds.find(running).orElseThrow().failure()).isEqualTo(Failure.cancelled());
    }

    @Test
    void ofBuildsThatComeTogetherOneIsLeft() throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (var result : threads.invokeAll(IntStream.range(0, 8)
                    .mapToObj(i -> (Callable<BuildId>) () -> submit("default", "main"))
                    .toList())) {
                result.get();
            }
        }
        assertThat(builds.depth().queued()).isEqualTo(1);
    }

    private void report(ClaimedBuild claim, Failure failure) {
        queue.record(
                claim.build().id(),
                claim.fencingToken(),
                1,
                List.of(failure),
                LEASE,
                (writer, failures) -> failures.forEach(writer::failed));
    }

    private BuildId submit(String project, @Nullable String key) {
        return queue.submit(new BuildDraft(
                        BuildId.create(Instant.now()),
                        project,
                        "{}",
                        null,
                        List.of(),
                        key,
                        0,
                        60_000,
                        new DockerfileText("Dockerfile", "FROM scratch\n"),
                        new ContextFile("/contexts/1.tar", 10240, "ab".repeat(32)),
                        null,
                        List.of()))
                .id();
    }
}
