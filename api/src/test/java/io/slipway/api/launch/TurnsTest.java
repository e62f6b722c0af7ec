package io.slipway.api.launch;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.api.testing.TestService;
import io.slipway.db.access.ProjectChange;
import io.slipway.db.access.ProjectLimit;
import io.slipway.db.access.Projects;
import io.slipway.db.build.BuildId;
import io.slipway.db.build.Builds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Workers take the builds of projects by turns. */
final class TurnsTest {
    @TempDir
    private Path directory;

    @Test
    void theNextBuildOfAProjectComesAfterOneOfAnotherHoweverManyThatHasSent() throws Exception {
        try (TestService service = start("--slipway.workers.slots=1")) {
            Path goOn = directory.resolve("go-on");
            BuildId first = service.submitTo("big", "say started", "until " + goOn);
            service.awaitLog(first, "started");
            List<BuildId> big = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                big.add(service.submitTo("big", "say hello"));
            }
            BuildId small = service.submitTo("small", "say hello");
            JsonNode waiting = service.build(small);
            assertThat(waiting.at("/queue/position").asLong()).isEqualTo(1);
            assertThat(waiting.at("/queue/reason").asString()).isEqualTo("slots");
            assertThat(service.build(big.getFirst()).at("/queue/position").asLong())
                    .isEqualTo(2);

            Files.createFile(goOn);
            List<BuildId> all = new ArrayList<>(big);
            all.add(small);
            assertThat(all.stream()
                            .sorted(Comparator.comparing(id -> Instant.parse(
                                    service.ended(id).get("startedAt").asString())))
                            .findFirst())
                    .contains(small);
            assertThat(service.build(small).has("queue")).isFalse();
        }
    }

    @Test
    void aProjectAtItsLimitLeavesTheSlotsToOthersAndGoesOnWhenOneOfItsBuildsHasEnded() throws Exception {
        try (TestService service = start("--slipway.workers.slots=2", "--slipway.workers.builds=1")) {
            Path goOn = directory.resolve("go-on");
            BuildId first = service.submitTo("limited", "say started", "until " + goOn);
            service.bean(Projects.class)
                    .change(
                            "limited",
                            new ProjectChange(false, null, Map.of(ProjectLimit.CONCURRENT_BUILDS, OptionalLong.of(1))));
            service.awaitLog(first, "started");
            BuildId second = service.submitTo("limited", "say hello");
            BuildId other = service.submitTo("other", "say hello");
            assertThat(service.ended(other).get("state").asString()).isEqualTo("succeeded");
            JsonNode waiting = service.build(second);
            assertThat(waiting.at("/queue/reason").asString()).isEqualTo("project_limit");
            assertThat(waiting.get("reason").asString())
                    .isEqualTo("One build of its project runs, as many as may at the same time; it is the next one.");
            assertThat(waiting.at("/queue/expectedStartAt").asString()).endsWith("Z");

            Files.createFile(goOn);
            assertThat(service.ended(second).get("state").asString()).isEqualTo("succeeded");
        }
    }

    @Test
    void aStrangersBuildHasAWorkerOfItsOwn() throws Exception {
        try (TestService service = start("--slipway.workers.slots=1")) {
            Path goOn = directory.resolve("go-on");
            BuildId first = service.submit("say started", "until " + goOn);
            service.awaitLog(first, "started");
            BuildId second = service.submit("say hello");
            BuildId strange = service.submitScoped("fork.7", "say hello");
            BuildId again = service.submitScoped("fork.7", "say hello");
            BuildId last = service.submit("say hello");
            Files.createFile(goOn);
            List<String> workers = new ArrayList<>();
            for (BuildId id : List.of(first, second, strange, again, last)) {
                JsonNode build = service.ended(id);
                assertThat(build.get("state").asString()).isEqualTo("succeeded");
                assertThat(build.get("attempt").asInt()).isEqualTo(1);
                workers.add(service.bean(Builds.class).find(id).orElseThrow().worker());
            }
            assertThat(workers.get(1)).isEqualTo(workers.get(0));
            assertThat(new HashSet<>(workers)).hasSize(4);
        }
    }

    private TestService start(String... properties) throws IOException {
        return TestService.start(Files.createTempDirectory(Path.of("target").toAbsolutePath(), "service-"), properties);
    }
}
