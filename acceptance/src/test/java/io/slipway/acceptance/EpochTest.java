package io.slipway.acceptance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.slipway.acceptance.fixture.BuildContext;
import io.slipway.acceptance.fixture.ImageTree;
import io.slipway.acceptance.fixture.OciImage;
import io.slipway.acceptance.fixture.Programs;
import io.slipway.acceptance.fixture.SlipwayClient;
import io.slipway.acceptance.fixture.SlipwayClient.Answer;
import io.slipway.acceptance.fixture.SlipwayService;
import io.slipway.acceptance.fixture.TestBed;
import io.slipway.remote.testing.GitHttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** SOURCE_DATE_EPOCH that names where its time comes from. */
@ExtendWith(TestBed.Extension.class)
@Execution(ExecutionMode.CONCURRENT)
final class EpochTest {

    private static final String DOCKERFILE = """
            FROM scratch AS source
            ARG address
            ADD ${address} /
            FROM busybox:1.35
            ARG SOURCE_DATE_EPOCH
            RUN echo "[$SOURCE_DATE_EPOCH]" > /seen
            """;

    private static Path folder;
    private static GitHttpServer git;
    private static HttpServer files;
    private static byte[] archive;
    private static SlipwayService service;
    private static SlipwayClient client;

    @BeforeAll
    static void start(TestBed bed) throws IOException {
        folder = TestBed.folder("slipway-epoch-");
        Path repositories = Files.createDirectory(folder.resolve("git"));
        Path tar = folder.resolve("files.tar");
        Files.writeString(folder.resolve("Dockerfile"), DOCKERFILE);
        Programs.run(
                "bash",
                "-euc",
                """
                export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null GIT_COMMITTER_DATE="@1234567890 +0100"
                work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT && cd "$work"
                git init -q -b main && git config user.name Tester && git config user.email tester@example.org
                cp "$1" Dockerfile && git add . && git commit -qm first --date="@5 +0000"
                git clone -q --bare . "$2"
                echo older > older && touch -d @1111111111 Dockerfile && touch -d @1000 older
                tar -cf "$3" Dockerfile older
                """,
                "bash",
                folder.resolve("Dockerfile").toString(),
                repositories.resolve("app.git").toString(),
                tar.toString());
        archive = Files.readAllBytes(tar);
        git = GitHttpServer.open(repositories);
        files = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        files.createContext("/", EpochTest::answer);
        files.start();
        service = SlipwayService.start(folder.resolve("home"), bed.bases(), Map.of("context.denied-networks", ""));
        client = service.client();
    }

    @AfterAll
    static void stop() throws IOException {
        service.close();
        files.stop(0);
        git.close();
        TestBed.remove(folder);
    }

    private static void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            byte[] body = path.endsWith(".tar")
                    ? archive
                    : path.endsWith("Dockerfile") ? DOCKERFILE.getBytes(UTF_8) : new byte[0];
            if (path.startsWith("/dated")) {
                exchange.getResponseHeaders().set("Last-Modified", "Sun, 09 Sep 2001 01:46:40 GMT");
            }
            exchange.sendResponseHeaders(200, body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "git,                1234567890",
        "/dated/app.tar,     1000000000",
        "/app.tar,           1111111111",
        "/dated/Dockerfile,  1000000000",
    })
    void theContextGivesItsTime(String source, long seconds) throws IOException {
        Map<String, Object> request = new LinkedHashMap<>();
        request.put("context", where(source));
        request.put("buildArg", Map.of("SOURCE_DATE_EPOCH", "context"));
        expect(succeeded(post(request)), seconds, "[" + seconds + "]");
        request.put("buildArg", Map.of());
        request.put("sourceDateEpoch", "context");
        expect(succeeded(post(request)), seconds, "[]");
    }

    @ParameterizedTest
    @CsvSource({"git, 1234567890", "/dated/app.tar, 1000000000", "/app.tar, 1111111111"})
    void aNamedContextGivesItsTime(String source, long seconds) throws IOException {
        Map<String, Object> options =
                Map.of("buildContext", Map.of("lib", where(source)), "buildArg", Map.of("SOURCE_DATE_EPOCH", "lib"));
        expect(succeeded(sent(DOCKERFILE, options)), seconds, "[" + seconds + "]");
    }

    @ParameterizedTest
    @CsvSource({"git, 1234567890", "/dated/file, 1000000000", "/app.tar, 1111111111"})
    void aStageGivesTheTimeOfWhatItAdds(String source, long seconds) throws IOException {
        String address = source.equals("git") ? git.url() + "/app.git#main" : url() + source;
        String dockerfile = "ARG SOURCE_DATE_EPOCH=Source\n" + DOCKERFILE;
        Map<String, Object> options = Map.of("buildArg", Map.of("address", address));
        expect(succeeded(sent(dockerfile, options)), seconds, "[" + seconds + "]");
    }

    @Test
    void whatHasNoTimeLeavesItUnsetAndIsWarnedAbout() throws IOException {
        for (Map<String, Object> options : List.<Map<String, Object>>of(
                Map.of("sourceDateEpoch", "context"),
                Map.of("buildArg", Map.of("SOURCE_DATE_EPOCH", "context")),
                Map.of(
                        "buildArg", Map.of("SOURCE_DATE_EPOCH", "base"),
                        "buildContext", Map.of("base", "docker-image://busybox:1.35")),
                Map.of("buildArg", Map.of("SOURCE_DATE_EPOCH", "source", "address", url() + "/file")))) {
            JsonNode build = succeeded(sent(DOCKERFILE, options));
            assertThat(build.get("warnings").valueStream())
                    .anyMatch(warning -> warning.get("rule").asString().equals("SourceDateEpochUnset"));
        }
    }

    @Test
    void whatNamesNothingIsTheAnswerToTheRequest() throws IOException {
        Answer answer = sent(DOCKERFILE, Map.of("buildArg", Map.of("SOURCE_DATE_EPOCH", "sourc")));
        assertThat(answer.status()).isEqualTo(422);
        assertThat(answer.json().get("hint").asString()).contains("source");
    }

    private static void expect(JsonNode build, long seconds, String seen) throws IOException {
        Path place = Files.createTempDirectory(folder, "image-");
        Path tar = place.resolve("image.tar");
        client.download(build.get("id").asString(), "oci", tar);
        OciImage image = OciImage.ofTar(tar, place.resolve("layout"));
        assertThat(image.config().get("created").asString())
                .isEqualTo(Instant.ofEpochSecond(seconds).toString());
        Path expected = Files.writeString(place.resolve("seen"), seen + "\n");
        assertThat(ImageTree.of(image).file("seen").content())
                .contains(Programs.run("sha256sum", expected.toString()).split(" ")[0]);
        assertThat(build.get("warnings").valueStream())
                .noneMatch(warning -> warning.get("rule").asString().equals("SourceDateEpochUnset"));
    }

    private static String url() {
        return "http://127.0.0.1:" + files.getAddress().getPort();
    }

    private static Map<String, Object> where(String source) {
        return source.equals("git")
                ? Map.of("git", Map.of("url", git.url() + "/app.git"))
                : Map.of("http", Map.of("url", url() + source));
    }

    private static Answer post(Map<String, Object> request) throws IOException {
        return client.send(client.request("/v1/builds")
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(JsonMapper.shared().writeValueAsString(request))));
    }

    private static Answer sent(String dockerfile, Map<String, Object> options) {
        try (BuildContext context = BuildContext.of(dockerfile)) {
            Map<String, BodyPublisher> parts = new LinkedHashMap<>();
            parts.put("build", BodyPublishers.ofString(JsonMapper.shared().writeValueAsString(new HashMap<>(options))));
            parts.put("context", context.tar());
            return client.postParts(parts);
        }
    }

    private static JsonNode succeeded(Answer answer) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(202);
        JsonNode build = client.await(answer.json().get("id").asString());
        assertThat(build.get("state").asString()).as(build::toPrettyString).isEqualTo("succeeded");
        return build;
    }
}
