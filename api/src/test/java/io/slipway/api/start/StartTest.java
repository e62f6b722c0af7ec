package io.slipway.api.start;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.api.testing.Ports;
import io.slipway.api.testing.ServiceProcess;
import io.slipway.api.testing.TestService;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
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

    @Test
    void aFirstStartWarnsOnceThatBuildsAreNotLimitedAndOfNothingElse() throws Exception {
        int port = Ports.free();
        try (ServiceProcess service = ServiceProcess.start(home, port)) {
            assertThat(service.greeting().lines())
                    .satisfiesExactly(
                            warning -> assertThat(warning).contains(" WARN ", "slipway.workers.control-groups"),
                            ready -> assertThat(ready).isEqualTo("Slipway is ready at http://127.0.0.1:" + port));
        }
    }

    @Test
    void aServiceWithoutWorkersDoesNotWarn() throws Exception {
        int port = Ports.free();
        try (ServiceProcess service = ServiceProcess.start(home, port, "--slipway.workers.enabled=false")) {
            assertThat(service.greeting()).isEqualTo("Slipway is ready at http://127.0.0.1:" + port + "\n");
        }
    }

    @Test
    void aSecondServiceWithTheSameHomeIsToldOfTheFirst() throws Exception {
        TestService first = TestService.shared();
        String said = ServiceProcess.failure(first.home(), 0, Map.of(), List.of());
        assertThat(said)
                .contains("Another Slipway (process " + ProcessHandle.current().pid() + ") runs with the same home, "
                        + first.home() + ".")
                .contains("set SLIPWAY_HOME to another folder");
        assertIsInWords(said);
        assertThat(first.get("/v1").statusCode()).as("the first one goes on").isEqualTo(200);
    }

    @Test
    void aHomeThatCannotBeMadeIsNamed() throws Exception {
        Path file = Files.createFile(home.resolve("file"));
        String said = ServiceProcess.failure(file.resolve("home"), 0, Map.of(), List.of());
        assertThat(said).contains("The folder for the service's data, " + file.resolve("home") + ", can't be used:");
        assertThat(said.lines()).noneMatch(line -> line.startsWith("\tat "));
    }

    @Test
    void aFileWithoutCertificatesIsNamed() throws Exception {
        Path file = Files.writeString(home.resolve("ca.pem"), "no certificate\n");
        String said = ServiceProcess.failure(home, 0, Map.of(), List.of("--slipway.ca-file=" + file));
        assertThat(said).contains("The certificate authorities in " + file + " (slipway.ca-file) can't be used:");
        assertThat(said.lines()).noneMatch(line -> line.startsWith("\tat "));
    }

    @Test
    void aPortThatIsTakenIsNamed() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String said = ServiceProcess.failure(home, taken.getLocalPort(), Map.of(), List.of());
            assertThat(said)
                    .contains("Something listens on port " + taken.getLocalPort() + " already.")
                    .contains("set SLIPWAY_PORT to another port");
            assertIsInWords(said);
        }
    }

    private static void assertIsInWords(String said) {
        assertThat(said.lines()).noneMatch(line -> line.startsWith("\tat "));
        assertThat(said).doesNotContain("Exception").doesNotContain(" WARN ");
    }
}
