package io.slipway.api.start;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.api.testing.ServiceProcess;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an operator reads when the service can't start: a sentence and what to do, never a stack trace. */
final class StartTest {
    @TempDir
    private Path home;

    @Test
    void misspelledSettingsAreRefusedWithTheNearestName() throws Exception {
        String said = ServiceProcess.failure(
                home,
                0,
                Map.of("SLIPWAY_LIMITS_FREESPASE", "2GB"),
                List.of("--slipway.worker.slots=2", "--slipway.registries[0].hots=docker.io", "--slipway.colour=red"));
        assertThat(said)
                .contains("There is no setting slipway.worker.slots: did you mean slipway.workers.slots?")
                .contains("There is no setting slipway.registries[0].hots: did you mean slipway.registries[0].host?")
                .contains("There is no setting slipway.colour.\n")
                .contains("There is no setting for the environment variable SLIPWAY_LIMITS_FREESPASE:"
                        + " did you mean SLIPWAY_LIMITS_FREESPACE?")
                .contains("docs/operating.md");
        assertIsInWords(said);
        assertThat(home).as("nothing was started").isEmptyDirectory();
    }

    private static void assertIsInWords(String said) {
        assertThat(said.lines()).noneMatch(line -> line.startsWith("\tat ")).hasSizeLessThan(25);
        assertThat(said).doesNotContain("Exception");
    }
}
