package io.slipway.api.launch;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.api.testing.Ports;
import io.slipway.api.testing.ServiceProcess;
import io.slipway.api.testing.TestService;
import io.slipway.db.Database;
import io.slipway.db.access.ProjectLimits;
import io.slipway.db.build.BuildDraft;
import io.slipway.db.build.BuildId;
import io.slipway.db.build.BuildQueue;
import io.slipway.db.build.BuildState;
import io.slipway.db.build.Builds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Two services on one database, each with a home of its own, as docs/operating.md says. */
final class SeveralServicesTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @TempDir
    private Path directory;

    @Test
    void whatOneBuildsIsFollowedAndCancelledAtTheOther() throws IOException {
        Path secondHome = TestService.temporaryHome();
        try (TestService first = TestService.start(TestService.temporaryHome());
                TestService second = TestService.start(secondHome, first.beside(secondHome))) {
            BuildId build = second.submit("say hello", "until " + directory.resolve("never"));
            first.awaitLog(build, "hello");
            assertThat(first.get("/v1/builds?state=running").body()).contains(build.value());
            String worker = Objects.requireNonNull(
                    first.bean(Builds.class).find(build).orElseThrow().worker());
            assertThat(secondHome.resolve("workers").resolve(worker))
                    .as("a worker of the service that has the context")
                    .exists();

            assertThat(first.post("/v1/builds/" + build + "/cancel").statusCode())
                    .isEqualTo(202);
            assertThat(second.ended(build).path("state").stringValue()).isEqualTo("cancelled");

            assertThat(first.post("/v1/builds/" + build + "/retry").body()).contains("at another service");
        }
    }

    @Test
    void aServiceThatIsKilledUnderLoadLosesNothingAndNobodyElseTakesItsBuilds() throws Exception {
        Path secondHome = TestService.temporaryHome();
        int port = Ports.free();
        Path go = directory.resolve("go");
        try (TestService first = TestService.start(TestService.temporaryHome())) {
            String[] settings = first.beside(secondHome);
            List<BuildId> builds = new ArrayList<>();
            ServiceProcess killed = ServiceProcess.start(secondHome, port, settings);
            Database database = ServiceProcess.database(first.home());
            BuildQueue queue = new BuildQueue(
                    database,
                    ProjectLimits.NONE,
                    Files.readString(secondHome.resolve("home-id")).strip());
            for (int i = 0; i < 12; i++) {
                BuildDraft draft =
                        TestService.draft(secondHome, Duration.ofMinutes(5), "say number " + i, "until " + go);
                queue.submit(draft);
                builds.add(draft.id());
            }
            Builds known = new Builds(database);
            Awaitility.await("its slots to be busy")
                    .atMost(LIMIT)
                    .until(() -> builds.stream()
                                    .filter(build ->
                                            known.find(build).orElseThrow().state() == BuildState.RUNNING)
                                    .count()
                            == 4);
            killed.kill();
            Files.createFile(go);
            assertThat(first.build(builds.getLast()).path("reason").stringValue())
                    .contains("submitted to another service");
            BuildId own = first.submit("say my own");
            assertThat(first.ended(own).path("state").stringValue()).isEqualTo("succeeded");
            assertThat(first.build(builds.getLast()).path("state").stringValue())
                    .as("a build of the other service, whose turn was first")
                    .isEqualTo("queued");

            try (ServiceProcess _ = ServiceProcess.start(secondHome, port, settings)) {
                for (BuildId build : builds) {
                    JsonNode ended = first.ended(build);
                    assertThat(ended.path("state").stringValue()).isEqualTo("succeeded");
                    assertThat(first.get("/v1/builds/" + build + "/logs").body())
                            .containsOnlyOnce("Build " + build + " succeeded");
                }
            }
        }
    }
}
