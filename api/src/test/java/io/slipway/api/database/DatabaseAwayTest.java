package io.slipway.api.database;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.api.testing.ApiClient;
import io.slipway.api.testing.ApiClient.Answer;
import io.slipway.api.testing.PortForward;
import io.slipway.api.testing.Ports;
import io.slipway.api.testing.ServiceProcess;
import io.slipway.api.testing.Tars;
import java.nio.file.Files;
import java.nio.file.Path;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an operator and a caller are told while the database is away. */
final class DatabaseAwayTest {
    private static final String PASSWORD = "of-this-test";

    @TempDir
    private Path data;

    @Test
    void theLogSaysItOnceAndHealthInASentence() throws Exception {
        Path home = Files.createTempDirectory(Path.of("target").toAbsolutePath(), "service-");
        int port = Ports.free();
        try (EmbeddedPostgres postgres = EmbeddedPostgres.open(data, "test", PASSWORD)) {
            int databasePort =
                    Postmaster.running(data.resolve("data")).orElseThrow().port();
            PortForward way = new PortForward(0, databasePort);
            int wayPort = way.port();
            try (ServiceProcess service = ServiceProcess.start(
                    home,
                    port,
                    "--spring.datasource.url=" + postgres.url().replace(":" + databasePort, ":" + wayPort),
                    "--spring.datasource.username=" + postgres.user(),
                    "--spring.datasource.password=" + PASSWORD,
                    "--spring.datasource.hikari.connection-timeout=500")) {
                ApiClient client = new ApiClient(
                        "http://127.0.0.1:" + port,
                        Files.readString(home.resolve("admin-token"), UTF_8).strip());
                way.close();

                for (int i = 0; i < 5; i++) {
                    assertThat(client.get("/v1/builds").status()).isEqualTo(503);
                    assertThat(client.post(
                                            "/v1/builds",
                                            Tars.dockerfile("FROM scratch\n").bytes())
                                    .status())
                            .isEqualTo(503);
                    Answer health = client.get("/actuator/health");
                    assertThat(health.status()).isEqualTo(503);
                    assertThat(health.text())
                            .contains("The database does not answer; the service's log says why.")
                            .doesNotContain("Exception", "jdbc", "127.0.0.1", PASSWORD);
                }
                String said = service.said().substring(service.greeting().length());
                assertThat(said.lines())
                        .as(said)
                        .satisfiesExactly(line -> assertThat(line).contains("WARN", "The database can't be reached: "));

                try (PortForward _ = new PortForward(wayPort, databasePort)) {
                    Awaitility.await("the service recovers by itself")
                            .untilAsserted(
                                    () -> assertThat(client.get("/v1/builds").status())
                                            .isEqualTo(200));
                    Awaitility.await("the log says so")
                            .untilAsserted(
                                    () -> assertThat(service.said()).contains("The database answers again, after"));
                }
            }
        }
    }
}
