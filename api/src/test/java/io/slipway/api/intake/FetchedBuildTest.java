package io.slipway.api.intake;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.slipway.api.testing.ApiClient;
import io.slipway.api.testing.ApiClient.Answer;
import io.slipway.api.testing.RunningService;
import io.slipway.api.testing.ServiceExtension;
import io.slipway.api.testing.Tars;
import io.slipway.image.Digest;
import io.slipway.remote.testing.GitHttpServer;
import io.slipway.remote.testing.GitRepositories;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import org.eclipse.jgit.lib.Repository;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Builds of contexts that the request only names. */
@ExtendWith(ServiceExtension.class)
final class FetchedBuildTest {
    private static final String DOCKERFILE = "FROM scratch\nCOPY Dockerfile /\n";

    private final RunningService service;
    private final ApiClient client;
    private final Tars tars = Tars.dockerfile(DOCKERFILE).file("a", "b");

    @TempDir
    private Path directory;

    private HttpServer files;
    private String url;

    FetchedBuildTest(RunningService service) throws IOException {
        this.service = service;
        this.client = service.client();
    }

    @BeforeEach
    void startServer() throws IOException {
        files = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        files.createContext("/", this::serve);
        files.start();
        url = "http://127.0.0.1:" + files.getAddress().getPort();
    }

    @AfterEach
    void stopServer() {
        files.stop(0);
    }

    private void serve(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = switch (exchange.getRequestURI().getPath()) {
                case "/app.tar" -> tars.bytes();
                case "/app.tgz" -> tars.gzip();
                case "/app.tar.zst" -> tars.zstd();
                case "/Dockerfile" -> DOCKERFILE.getBytes(StandardCharsets.UTF_8);
                case "/wrong" -> "FROM scratch\nCOPPY a b\n".getBytes(StandardCharsets.UTF_8);
                case "/page" -> "<html>not what you think</html>".getBytes(StandardCharsets.UTF_8);
                default -> new byte[0];
            };
            switch (exchange.getRequestURI().getPath()) {
                case "/moved" -> {
                    exchange.getResponseHeaders().set("Location", "/app.tgz");
                    exchange.sendResponseHeaders(302, -1);
                }
                case "/elsewhere" -> {
                    exchange.getResponseHeaders().set("Location", "file:///etc/passwd");
                    exchange.sendResponseHeaders(302, -1);
                }
                case "/round" -> {
                    exchange.getResponseHeaders().set("Location", "/round");
                    exchange.sendResponseHeaders(307, -1);
                }
                default -> {
                    exchange.sendResponseHeaders(body.length == 0 ? 404 : 200, body.length == 0 ? -1 : body.length);
                    exchange.getResponseBody().write(body);
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"/app.tar", "/app.tgz", "/app.tar.zst", "/moved"})
    void aTarballIsFetched(String path) throws IOException {
        Answer answer = post("{\"http\": {\"url\": \"" + url + path + "\"}}");
        assertThat(answer.status()).as(answer.text()).isEqualTo(202);
        assertThat(answer.json().path("context").path("sha256").stringValue())
                .isEqualTo(Digest.of(tars.bytes()).hex());
    }

    @Test
    void aDockerfileAloneIsAContext() throws IOException {
        Answer answer = post("{\"http\": {\"url\": \"" + url + "/Dockerfile\"}}");
        assertThat(answer.status()).as(answer.text()).isEqualTo(202);
        Answer wrong = post("{\"http\": {\"url\": \"" + url + "/wrong\"}}");
        assertThat(wrong.json().path("code").stringValue()).isEqualTo("dockerfile_invalid");
        assertThat(wrong.json().path("line").intValue()).isEqualTo(2);
    }

    @Test
    void aChecksumIsHeld() throws IOException {
        String right = Digest.of(tars.gzip()).toString();
        assertThat(post("{\"http\": {\"url\": \"" + url + "/app.tgz\", \"checksum\": \"" + right + "\"}}")
                        .status())
                .isEqualTo(202);
        var before = service.contexts();
        Answer wrong = post("{\"http\": {\"url\": \"" + url + "/app.tgz\", \"checksum\": \"" + "0".repeat(64) + "\"}}");
        assertThat(wrong.status()).isEqualTo(422);
        service.requireNothingKept(before);
    }

    @ParameterizedTest
    @CsvSource({
        "/missing,   context_unreachable, status 404",
        "/elsewhere, context_unreachable, no http or https URL",
        "/round,     context_unreachable, more than 10 times",
        "/page,      context_invalid,     no tar",
    })
    void whatIsNotAContextIsRefused(String path, String code, String detail) throws IOException {
        var before = service.contexts();
        Answer answer = post("{\"http\": {\"url\": \"" + url + path + "\"}}");
        assertThat(answer.status()).as(answer.text()).isEqualTo(422);
        assertThat(answer.json().path("code").stringValue()).isEqualTo(code);
        assertThat(answer.json().path("detail").stringValue()).contains(detail);
        service.requireNothingKept(before);
    }

    @Test
    void aDirectoryOfAGitRepositoryIsBuiltAndItsGitDirectoryIsKeptOnDemand() throws IOException {
        Path root = directory.resolve("git");
        try (Repository repository = GitRepositories.create(root.resolve("app.git"))) {
            new GitRepositories.Commit(repository)
                    .file("service/Dockerfile", DOCKERFILE)
                    .symlink("service/link", "/etc/passwd")
                    .commit("refs/heads/main", null, Instant.EPOCH);
        }
        try (GitHttpServer git = GitHttpServer.open(root)) {
            String source = "{\"git\": {\"url\": \"" + git.url() + "/app.git\", \"subdirectory\": \"service\"%s}}";
            Answer first = post(source.formatted(""));
            assertThat(first.status()).as(first.text()).isEqualTo(202);
            Answer second = post(source.formatted(", \"ref\": \"main\""));
            assertThat(second.json().path("context").path("sha256"))
                    .isEqualTo(first.json().path("context").path("sha256"));
            String whole = "{\"context\": {\"git\": {\"url\": \"" + git.url()
                    + "/app.git\"}}, \"dockerfile\": \"service/Dockerfile\", \"tag\": \"registry.example/app\"%s}";
            Answer plain = client.postJson("/v1/builds", whole.formatted(""));
            Answer kept = client.postJson(
                    "/v1/builds", whole.formatted(", \"buildArg\": {\"BUILDKIT_CONTEXT_KEEP_GIT_DIR\": \"1\"}"));
            assertThat(kept.json().path("context").path("bytes").longValue())
                    .isGreaterThan(plain.json().path("context").path("bytes").longValue());
            Answer missing = post(source.formatted(", \"ref\": \"nope\""));
            assertThat(missing.status()).isEqualTo(422);
            assertThat(missing.json().path("type").stringValue()).isEqualTo("/problems/context-unreachable");
            assertThat(missing.json().path("code").stringValue()).isEqualTo("git_ref_not_found");
        }
        Answer file = post("{\"git\": {\"url\": \"file://" + root + "/app.git\", \"subdirectory\": \"service\"}}");
        assertThat(file.status()).as(file.text()).isEqualTo(202);
        assertThat(service.contexts()).noneMatch(path -> path.toString().endsWith(".fetch"));
    }

    @Test
    void aBuildSaysWhereItsNamedContextsAreFromButNoCredentials() throws IOException {
        Answer answer = client.postJson("/v1/builds", """
                {"context": {"http": {"url": "%s/app.tgz"}}, "tag": "registry.example/app", "buildContext": {
                 "lib": {"http": {"url": "%s/app.tgz?signature=hidden", "username": "me", "password": "hidden"}},
                 "base": "docker-image://alpine:3"}}
                """.formatted(url, url));
        assertThat(answer.status()).as(answer.text()).isEqualTo(202);
        assertThat(answer.text()).doesNotContain("hidden");
        assertThat(answer.json().path("namedContexts").toString())
                .isEqualTo("[{\"name\":\"base\",\"kind\":\"image\",\"source\":\"docker-image://alpine:3\"},"
                        + "{\"name\":\"lib\",\"kind\":\"http\",\"source\":\"" + url + "/app.tgz\"}]");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        {"http": {"url": "URL/missing"}}        | context_unreachable | status 404
        {"http": {"url": "URL/page"}}           | context_invalid     | no tar
        "URL/nothing.git"                       |                     | URL/nothing.git
        """)
    void aNamedContextThatIsNotToBeHadIsNamed(String source, @Nullable String code, String detail) throws IOException {
        var before = service.contexts();
        Answer answer = client.postJson("/v1/builds", """
                {"context": {"http": {"url": "%s/app.tgz"}}, "tag": "registry.example/app", "buildContext": {"lib": %s}}
                """.formatted(url, source.replace("URL", url)));
        assertThat(answer.status()).as(answer.text()).isEqualTo(422);
        assertThat(answer.json().path("detail").stringValue())
                .startsWith("buildContext lib: ")
                .contains(detail.replace("URL", url));
        assertThat(answer.json().path("parameter").stringValue()).isEqualTo("buildContext");
        if (code != null) {
            assertThat(answer.json().path("code").stringValue()).isEqualTo(code);
        }
        service.requireNothingKept(before);
    }

    private Answer post(String context) throws IOException {
        return client.postJson("/v1/builds", "{\"context\": " + context + ", \"tag\": \"registry.example/app\"}");
    }
}
