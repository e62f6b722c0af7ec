package io.slipway.acceptance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.slipway.acceptance.fixture.BuildContext;
import io.slipway.acceptance.fixture.GitDaemon;
import io.slipway.acceptance.fixture.Programs;
import io.slipway.acceptance.fixture.SlipwayService;
import io.slipway.acceptance.fixture.TestBed;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import tools.jackson.databind.JsonNode;

/** ADD of what is elsewhere, through the service. */
@ExtendWith(TestBed.Extension.class)
@Execution(ExecutionMode.CONCURRENT)
final class AddTest {
    private static Path folder;
    private static GitDaemon git;
    private static SlipwayService open;

    private final List<String> requests = new CopyOnWriteArrayList<>();
    private HttpServer files;
    private String url;

    /** Its service may fetch from this machine. */
    @BeforeAll
    static void start(TestBed bed) throws IOException {
        folder = TestBed.folder("slipway-add-");
        git = GitDaemon.ofFixture(folder.resolve("git"));
        open = SlipwayService.start(folder.resolve("home"), bed.bases(), Map.of("context.denied-networks", ""));
    }

    @AfterAll
    static void stop() {
        open.close();
        git.close();
        TestBed.remove(folder);
    }

    @BeforeEach
    void startServer() throws IOException {
        files = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        files.createContext("/", this::answer);
        files.start();
        url = "http://127.0.0.1:" + files.getAddress().getPort();
    }

    @AfterEach
    void stopServer() {
        files.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            boolean known = "\"1\"".equals(exchange.getRequestHeaders().getFirst("If-None-Match"));
            int status = exchange.getRequestURI().getPath().equals("/missing") ? 404 : known ? 304 : 200;
            requests.add(status + " " + exchange.getRequestURI());
            byte[] body = "from elsewhere".getBytes(UTF_8);
            exchange.getResponseHeaders().set("ETag", "\"1\"");
            exchange.sendResponseHeaders(status, status == 200 ? body.length : -1);
            if (status == 200) {
                exchange.getResponseBody().write(body);
            }
        }
    }

    @Test
    void theServicesOwnMachineIsNotFetchedFrom(TestBed bed) {
        for (String address : List.of(url + "/file", git.url() + "/repo.git", "http://169.254.169.254/latest")) {
            try (BuildContext context = BuildContext.of("FROM scratch\nADD " + address + " /x\n")) {
                JsonNode error = bed.client().build(context).get("error");
                assertThat(error.get("code").asString()).isEqualTo("instruction_failed");
                assertThat(error.get("line").asInt()).isEqualTo(2);
                assertThat(error.get("message").asString()).contains("nothing may be fetched");
                assertThat(error.get("hint").asString()).contains("slipway.context.denied-networks");
            }
        }
        assertThat(requests).isEmpty();
    }

    @Test
    void aFileIsDownloadedOnceAndThenAskedAfter() throws IOException {
        String dockerfile = "FROM scratch\nADD " + url + "/file?signature=s /file\n";
        try (BuildContext context = BuildContext.of(dockerfile);
                BuildContext changed = BuildContext.of(dockerfile.replace(" /file\n", " /other\n"))) {
            JsonNode first = open.client().succeed(context);
            JsonNode second = open.client().succeed(context);
            assertThat(second.get("digest")).isEqualTo(first.get("digest"));
            assertThat(second.get("steps").get(0).get("state").asString()).isEqualTo("cached");
            open.client().succeed(changed);
            assertThat(requests)
                    .containsExactly("200 /file?signature=s", "304 /file?signature=s", "304 /file?signature=s");
            assertThat(contentOf(changed, open.client().succeed(changed), "other"))
                    .isEqualTo("from elsewhere");
        }
    }

    @Test
    void withAChecksumTheServerIsNotAskedAgain() throws IOException {
        String sum = "sha256:"
                + io.slipway.image.Digest.of("from elsewhere".getBytes(UTF_8)).hex();
        String dockerfile = "FROM scratch\nADD --checksum=" + sum + " " + url + "/summed /file\n";
        try (BuildContext context = BuildContext.of(dockerfile);
                BuildContext changed = BuildContext.of(dockerfile.replace(" /file\n", " /other\n"))) {
            open.client().succeed(context);
            open.client().succeed(context);
            open.client().succeed(changed);
            assertThat(requests).containsExactly("200 /summed");
        }
    }

    @Test
    void whatIsNotThereIsSaidWithTheLineAndWithoutTheUrlsSecrets() throws IOException {
        String address = url.replace("://", "://me:password@") + "/missing?signature=s";
        try (BuildContext context = BuildContext.of("FROM scratch\n\nADD " + address + " /x\n")) {
            JsonNode error = open.client().build(context).get("error");
            assertThat(error.get("code").asString()).isEqualTo("instruction_failed");
            assertThat(error.get("line").asInt()).isEqualTo(3);
            assertThat(error.get("message").asString()).isEqualTo(url + "/missing answers with status 404");
        }
    }

    @Test
    void aKeptGitDirectoryIsOneThatGitWorksWith() throws IOException {
        try (BuildContext context =
                BuildContext.of("FROM scratch\nADD --keep-git-dir " + git.url() + "/repo.git#v1 /\n")) {
            JsonNode build = open.client().succeed(context);
            Path tar = context.scratch().resolve("rootfs.tar");
            open.client().download(build.get("id").asString(), "rootfs", tar);
            String output = Programs.run(
                    "bash",
                    "-euc",
                    """
                    export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null
                    mkdir "$1" && tar -C "$1" --no-same-owner -xf "$2" && cd "$1"
                    git fsck --strict 2>&1
                    git status --porcelain
                    git describe --tags
                    git log --format=%H
                    git remote get-url origin
                    """,
                    "bash",
                    context.scratch().resolve("root").toString(),
                    tar.toString());
            assertThat(output.lines())
                    .containsExactly("v1", "6b231cb008298415d3965d5ea5b138015c1f53d3", git.url() + "/repo.git");
        }
    }

    @Test
    void aCommitIsFetchedOnce() throws IOException {
        String dockerfile = "FROM scratch\nADD " + git.url() + "/repo.git?branch=with-submodule /d/\n";
        try (BuildContext context = BuildContext.of(dockerfile)) {
            JsonNode first = open.client().succeed(context);
            JsonNode second = open.client().succeed(context);
            assertThat(second.get("digest")).isEqualTo(first.get("digest"));
            assertThat(second.get("steps").get(0).get("state").asString()).isEqualTo("cached");
            JsonNode again = open.client().succeed(context, "noCache", "true", "sourceDateEpoch", "1");
            JsonNode onceMore = open.client().succeed(context, "noCache", "true", "sourceDateEpoch", "1");
            assertThat(onceMore.get("digest")).isEqualTo(again.get("digest"));
            assertThat(contentOf(context, first, "d/mod/s.txt")).isEqualTo("submodule\n");
        }
    }

    private static String contentOf(BuildContext context, JsonNode build, String path) throws IOException {
        Path tar = context.scratch().resolve("rootfs.tar");
        open.client().download(build.get("id").asString(), "rootfs", tar);
        return Programs.run("tar", "-xOf", tar.toString(), path);
    }
}
