package io.slipway.api.intake;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.slipway.api.testing.ApiClient;
import io.slipway.api.testing.ApiClient.Answer;
import io.slipway.api.testing.CertificateAuthority;
import io.slipway.api.testing.GitHttpsServer;
import io.slipway.api.testing.Ports;
import io.slipway.api.testing.ServiceProcess;
import io.slipway.api.testing.Tars;
import io.slipway.remote.testing.GitRepositories;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.jgit.lib.Repository;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Contexts from servers whose certificates a company's own authority has signed. */
final class CompanyAuthorityTest {
    private static final String DOCKERFILE = "FROM scratch\nCOPY Dockerfile /\n";

    @TempDir
    private Path directory;

    @Test
    void gitAndHttpContextsComeOverHttpsOnceTheirAuthorityIsTrusted() throws Exception {
        Path root = directory.resolve("git");
        try (Repository repository = GitRepositories.create(root.resolve("app.git"))) {
            new GitRepositories.Commit(repository)
                    .file("Dockerfile", DOCKERFILE)
                    .commit("refs/heads/main", null, Instant.EPOCH);
        }
        CertificateAuthority authority = CertificateAuthority.create(directory);
        HttpsServer files = files(authority);
        try (GitHttpsServer git = GitHttpsServer.open(root, authority.serverContext())) {
            List<String> contexts = List.of(
                    "{\"git\": {\"url\": \"" + git.url() + "/app.git\"}}",
                    "{\"http\": {\"url\": \"https://127.0.0.1:"
                            + files.getAddress().getPort() + "/app.tar\"}}");
            assertThat(builds(contexts)).allSatisfy(refused -> {
                assertThat(refused.status()).as(refused.text()).isEqualTo(422);
                assertThat(refused.json().path("code").stringValue()).isEqualTo("context_unreachable");
            });
            assertThat(builds(contexts, "--slipway.ca-file=" + authority.pem()))
                    .allSatisfy(accepted ->
                            assertThat(accepted.status()).as(accepted.text()).isEqualTo(202));
        } finally {
            files.stop(0);
        }
    }

    private static HttpsServer files(CertificateAuthority authority) throws Exception {
        HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(authority.serverContext()));
        server.createContext("/app.tar", exchange -> {
            try (exchange) {
                byte[] tar = Tars.dockerfile(DOCKERFILE).bytes();
                exchange.sendResponseHeaders(200, tar.length);
                exchange.getResponseBody().write(tar);
            }
        });
        server.start();
        return server;
    }

    /** The answers of a service with these properties. */
    private List<Answer> builds(List<String> contexts, String... properties) throws IOException {
        Path home = directory.resolve("home");
        int port = Ports.free();
        List<String> all = new ArrayList<>(List.of(properties));
        all.add("--slipway.context.denied-networks=");
        try (ServiceProcess _ = ServiceProcess.start(home, port, all.toArray(String[]::new))) {
            ApiClient client = new ApiClient(
                    "http://127.0.0.1:" + port,
                    Files.readString(home.resolve("admin-token")).strip());
            List<Answer> answers = new ArrayList<>();
            for (String context : contexts) {
                answers.add(client.postJson("/v1/builds", "{\"context\": " + context + "}"));
            }
            return answers;
        }
    }
}
