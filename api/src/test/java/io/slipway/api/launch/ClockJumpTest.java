package io.slipway.api.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.slipway.api.testing.SetClock;
import io.slipway.api.testing.TestService;
import io.slipway.db.build.BuildId;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The wall clock of a running service jumps by an hour, forth and back: nothing ends for it, and nothing waits. */
final class ClockJumpTest {
    @TempDir
    private Path directory;

    @AfterEach
    void setRight() {
        SetClock.ahead(Duration.ZERO);
    }

    @Test
    void aClockThatJumpsNeitherEndsBuildsNorKeepsOthersWaiting() throws Exception {
        Path home = Files.createTempDirectory(Path.of("target").toAbsolutePath(), "service-");
        try (TestService service = TestService.start(home, "--" + SetClock.PART)) {
            Path go = directory.resolve("go");
            BuildId running = service.submit("say before", "until " + go);
            service.awaitLog(running, "#2");
            for (Duration jump : new Duration[] {Duration.ofHours(1), Duration.ofHours(-1)}) {
                SetClock.ahead(jump);
                assertThat(service.bean(Clock.class).instant())
                        .isCloseTo(Instant.now().plus(jump), within(1, ChronoUnit.MINUTES));
                succeeds(service, service.submit("say meanwhile"));
                requireToken(service);
            }
            Files.createFile(go);
            succeeds(service, running);
        }
    }

    private static void succeeds(TestService service, BuildId build) {
        JsonNode ended = service.ended(build);
        assertThat(ended.path("state").stringValue()).as(ended.toString()).isEqualTo("succeeded");
        assertThat(ended.path("attempt").intValue()).as(ended.toString()).isEqualTo(1);
    }

    /** A token that is valid for ten minutes is so by the clock that says when they are over, which is the database's. */
    private static void requireToken(TestService service) {
        JsonNode made = TestService.json(service.send(service.request("/v1/tokens")
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{\"name\": \"short\", \"role\": \"viewer\", \"expiresIn\": \"10m\"}"))));
        assertThat(Instant.parse(made.path("expiresAt").stringValue()))
                .isCloseTo(Instant.now().plus(Duration.ofMinutes(10)), within(1, ChronoUnit.MINUTES));
    }
}
