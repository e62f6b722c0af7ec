package io.slipway.worker.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What becomes of each option of {@code ./dev build} with {@code --server}: it is sent, it is refused, or it is the client's own. */
final class ServerRequestTest {
    /** What the client does by itself, for a service that knows nothing of it. ServerBuildTest and ContextUpload's tests have these. */
    private static final Set<String> OWN =
            Set.of("--server", "--token-file", "--ca-file", "--output", "--iidfile", "--help", "--version");

    /** A value that makes a difference. Of an option that is not here its name alone does. */
    private static final Map<String, String> VALUES = Map.ofEntries(
            Map.entry("--tag", "registry.example/app:1"),
            Map.entry("--file", "FOLDER/Other"),
            Map.entry("--target", "first"),
            Map.entry("--build-arg", "A=b"),
            Map.entry("--build-context", "x=docker-image://alpine:3"),
            Map.entry("--label", "a=b"),
            Map.entry("--annotation", "a=b"),
            Map.entry("--platform", "linux/arm64"),
            Map.entry("--cache-from", "registry.example/cache"),
            Map.entry("--cache-to", "type=inline"),
            Map.entry("--network", "none"),
            Map.entry("--format", "docker"),
            Map.entry("--compression", "none"),
            Map.entry("--compression-level", "3"),
            Map.entry("--layers", "flat"),
            Map.entry("--secrets-guard", "fail"),
            Map.entry("--source-date-epoch", "17"),
            Map.entry("--timeout", "77"),
            Map.entry("--step-timeout", "66"),
            Map.entry("--secret", "id=s,src=FOLDER/secret"),
            Map.entry("--ssh", "default=FOLDER/key"),
            Map.entry("--registry-config", "FOLDER/config.json"),
            Map.entry("--registry-mirror", "docker.io=http://127.0.0.1:1"),
            Map.entry("--plain-http", "registry.example"),
            Map.entry("--home", "FOLDER/home"),
            Map.entry("--project", "other"));

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    private Path folder;

    @SuppressWarnings("NullAway.Init") // set before each test
    private HttpServer server;

    private final BlockingQueue<JsonNode> requests = new LinkedBlockingQueue<>();

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
        Path context = Files.createDirectory(folder.resolve("context"));
        Files.writeString(context.resolve("Dockerfile"), "FROM scratch AS first\nFROM scratch\n");
        Files.writeString(folder.resolve("Other"), "FROM scratch AS first\nENV a=b\n");
        Files.writeString(folder.resolve("token"), "token");
        Files.writeString(folder.resolve("secret"), "secret");
        Files.writeString(folder.resolve("key"), "key");
        Files.writeString(
                folder.resolve("config.json"),
                "{\"auths\": {\"registry.example\": {\"username\": \"me\", \"password\": \"pass\"}}}");
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    /** As much of a service as a build that fails at once needs. */
    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            byte[] body = exchange.getRequestBody().readAllBytes();
            if (path.equals("/v1/builds")) {
                requests.add(JsonMapper.shared().readTree(body));
            }
            String answer = path.equals("/v1/contexts")
                    ? "{\"id\": \"ctx_1\", \"missing\": []}"
                    : path.endsWith("/logs") ? "" : "{\"id\": \"bld_1\", \"state\": \"failed\"}";
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write(answer.getBytes(UTF_8));
        }
    }

    static Stream<String> sent() {
        return BuildCommand.commandLine().getCommandSpec().options().stream()
                .map(CommandLine.Model.OptionSpec::longestName)
                .filter(name -> !OWN.contains(name) && !ServerOptions.LOCAL_ONLY.contains(name));
    }

    @ParameterizedTest
    @MethodSource("sent")
    void itIsSent(String option) {
        // Where an image is to be pushed to is asked for.
        String[] tag = {"--tag", "registry.example/app:2"};
        JsonNode without = request(tag);
        List<String> with = new ArrayList<>(List.of(tag));
        with.addAll(given(option));
        assertThat(request(with.toArray(String[]::new)))
                .as("%s changes nothing of the request: send it, refuse it, or name it in OWN", option)
                .isNotEqualTo(without);
    }

    static Stream<String> refused() {
        return ServerOptions.LOCAL_ONLY.stream();
    }

    @ParameterizedTest
    @MethodSource("refused")
    void itIsRefused(String option) {
        StringWriter told = new StringWriter();
        assertThat(run(new PrintWriter(told), given(option).toArray(String[]::new)))
                .isEqualTo(2);
        assertThat(told.toString()).contains(option + " is for builds on this machine");
        assertThat(requests).isEmpty();
    }

    @Test
    void withoutAServerItsOwnOptionsAreRefused() {
        for (String option : List.of("--token-file", "--project")) {
            StringWriter told = new StringWriter();
            CommandLine line = BuildCommand.commandLine().setErr(new PrintWriter(told));
            assertThat(line.execute(folder.resolve("context").toString(), option, "x"))
                    .isEqualTo(2);
            assertThat(told.toString()).contains(option + " needs --server");
        }
    }

    private List<String> given(String option) {
        String value = VALUES.get(option);
        return value == null ? List.of(option) : List.of(option, value.replace("FOLDER", folder.toString()));
    }

    private JsonNode request(String... options) {
        StringWriter told = new StringWriter();
        assertThat(run(new PrintWriter(told), options)).as(told.toString()).isEqualTo(1);
        return Objects.requireNonNull(requests.poll(), told::toString);
    }

    private int run(PrintWriter err, String... options) {
        List<String> arguments = new ArrayList<>(List.of(
                folder.resolve("context").toString(),
                "--server",
                "http://127.0.0.1:" + server.getAddress().getPort(),
                "--token-file",
                folder.resolve("token").toString()));
        arguments.addAll(List.of(options));
        return BuildCommand.commandLine().setErr(err).execute(arguments.toArray(String[]::new));
    }
}
