package io.slipway.api.launch;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.api.testing.FakeWorker;
import io.slipway.api.testing.TestService;
import io.slipway.db.build.Build;
import io.slipway.db.build.BuildId;
import io.slipway.db.build.Builds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Workers wait beside those that build, and there are never more builds than slots. */
final class SlotsTest {
    private static final String ONE_SLOT = "--slipway.workers.slots=1";
    private static final String ONE_BUILD = "--slipway.workers.builds=1";

    @TempDir
    private Path directory;

    @Test
    void aWorkerStandsReadyWhileAllSlotsAreBusyAndTakesTheNextBuildOnceOneIsFree() throws Exception {
        // A worker that asks is answered at once or, when nobody wakes it, long after the test has given up.
        try (TestService service =
                start(ONE_SLOT, "--slipway.workers.spares=1", "--slipway.workers.claim-wait=25s", ONE_BUILD)) {
            Path goOn = directory.resolve("go-on");
            BuildId first = service.submit("say started", "until " + goOn);
            service.awaitLog(first, "started");
            WorkerPool pool = service.bean(WorkerPool.class);
            Awaitility.await("a worker beside the one that builds").until(() -> pool.idle() == 1 && pool.busy() == 1);
            Set<String> ready = workers(service);
            ready.remove(worker(service, first));

            BuildId second = service.submit("say hello");
            assertThat(service.get("/v1/builds/" + second + "?wait=300ms").body())
                    .contains("\"queued\"")
                    .contains("The only slot is busy; it is the next one.");
            Files.createFile(goOn);
            assertThat(service.get("/v1/builds/" + second + "?wait=25s").body()).contains("\"succeeded\"");

            assertThat(worker(service, second)).isIn(ready);
            assertNeverMoreThan(1, ended(service, List.of(first, second)));
            assertThat(service.get("/actuator/prometheus").body())
                    .contains("slipway_steps_seconds_count{outcome=\"executed\"}");
        }
    }

    @Test
    void aWorkerDoesTheBuildsOfOneProjectThatWaitAlreadyOneAfterTheOther() throws Exception {
        try (TestService service = start(ONE_SLOT, "--slipway.workers.builds=3")) {
            Path goOn = directory.resolve("go-on");
            List<BuildId> ids = new ArrayList<>(List.of(service.submit("until " + goOn)));
            while (ids.size() < 5) {
                ids.add(service.submit("say hello"));
            }
            Files.createFile(goOn);
            List<Build> builds = ended(service, ids);
            assertThat(builds).extracting(build -> build.state().wireName()).containsOnly("succeeded");
            assertNeverMoreThan(1, builds);
            List<String> workers =
                    builds.stream().map(build -> worker(service, build.id())).toList();
            assertThat(workers.subList(0, 3)).containsOnly(workers.getFirst());
            assertThat(workers.subList(3, 5)).containsOnly(workers.getLast()).doesNotContain(workers.getFirst());
        }
    }

    @Test
    void thereAreNeverMoreBuildsThanSlotsHoweverManyWorkersWait() throws Exception {
        try (TestService service = start("--slipway.workers.slots=2", "--slipway.workers.spares=4")) {
            List<BuildId> ids = Stream.generate(() -> service.submit("say one", "say two", "say three"))
                    .limit(10)
                    .toList();
            List<Build> builds = ended(service, ids);
            assertThat(builds).extracting(build -> build.state().wireName()).containsOnly("succeeded");
            assertNeverMoreThan(2, builds);
        }
    }

    @Test
    void aBuildThatWaitsIsTakenByAWorkerThatIsNotReadyYet() throws Exception {
        // The place of an option that the worker can do without.
        String option = "--slipway.workers.command[1]=-D" + FakeWorker.NEVER_READY + "=true";
        try (TestService service = start(option, ONE_SLOT, "--slipway.workers.spares=1", ONE_BUILD)) {
            List<BuildId> ids = List.of(service.submit("say one"), service.submit("say two"));
            assertThat(ended(service, ids))
                    .extracting(build -> build.state().wireName())
                    .containsOnly("succeeded");
            assertThat(service.bean(WorkerPool.class).idle()).isZero();
        }
    }

    private TestService start(String... properties) throws IOException {
        return TestService.start(Files.createTempDirectory(Path.of("target").toAbsolutePath(), "service-"), properties);
    }

    private static Set<String> workers(TestService service) throws IOException {
        try (Stream<Path> files = Files.list(service.home().resolve("workers"))) {
            return files.map(file -> file.getFileName().toString()).collect(Collectors.toSet());
        }
    }

    private static List<Build> ended(TestService service, List<BuildId> ids) {
        return ids.stream()
                .peek(service::ended)
                .map(id -> service.bean(Builds.class).find(id).orElseThrow())
                .toList();
    }

    private static String worker(TestService service, BuildId id) {
        return Objects.requireNonNull(
                service.bean(Builds.class).find(id).orElseThrow().worker(), "the build has a worker");
    }

    /** At each build's start, those that had started and not ended, itself among them. */
    private static void assertNeverMoreThan(int slots, List<Build> builds) {
        assertThat(builds).allSatisfy(build -> {
            var start = Objects.requireNonNull(build.startedAt());
            assertThat(builds.stream()
                            .filter(other ->
                                    !Objects.requireNonNull(other.startedAt()).isAfter(start)
                                            && Objects.requireNonNull(other.finishedAt())
                                                    .isAfter(start)))
                    .hasSizeLessThanOrEqualTo(slots);
        });
    }
}
