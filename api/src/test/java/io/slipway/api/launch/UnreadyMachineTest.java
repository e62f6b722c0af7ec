package io.slipway.api.launch;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.api.testing.ApiClient;
import io.slipway.api.testing.ApiClient.Answer;
import io.slipway.api.testing.Ports;
import io.slipway.api.testing.ServiceProcess;
import io.slipway.api.testing.Tars;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A service on a machine that lacks what builds need takes them, and says why they wait. */
final class UnreadyMachineTest {
    @TempDir
    private Path directory;

    @Test
    void buildsWaitForARuntimeAndSayWhatIsMissing() throws Exception {
        Path home = Files.createTempDirectory(Path.of("target").toAbsolutePath(), "service-");
        Path runtime = directory.resolve("runtime");
        String missing = "No OCI runtime: install " + runtime + ".";
        int port = Ports.free();
        try (ServiceProcess service = ServiceProcess.startUnready(
                home,
                port,
                Map.of("SLIPWAY_RUNTIME", runtime.toString()),
                // Nothing is entered: what else this machine has or lacks does not matter here.
                "--slipway.workers.enter=true")) {
            assertThat(service.greeting()).contains(missing);
            ApiClient client = new ApiClient(
                    "http://127.0.0.1:" + port,
                    Files.readString(home.resolve("admin-token"), UTF_8).strip());
            Answer readiness = client.get("/actuator/health/readiness");
            assertThat(readiness.status()).isEqualTo(503);
            assertThat(readiness.text()).contains(missing);

            JsonNode build = client.post(
                            "/v1/builds", Tars.dockerfile("FROM scratch\n").bytes())
                    .json();
            JsonNode waiting = client.get("/v1/builds/" + build.get("id").asString() + "?wait=3s")
                    .json();
            assertThat(waiting.get("state").asString()).isEqualTo("queued");
            assertThat(waiting.get("attempt").asInt()).isZero();
            assertThat(waiting.get("reason").asString())
                    .startsWith("This machine is not ready for builds. ")
                    .contains(missing);

            Files.createFile(
                    runtime, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            Awaitility.await("the runtime is found without a restart")
                    .untilAsserted(() -> assertThat(
                                    client.get("/actuator/health/readiness").text())
                            .doesNotContain(missing));
        }
    }
}
