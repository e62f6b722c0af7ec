package io.slipway.api.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.slipway.api.Application;
import io.slipway.api.build.BuildSettings;
import io.slipway.api.database.PostgresTemplate;
import io.slipway.db.access.Projects;
import io.slipway.db.build.BuildDraft;
import io.slipway.db.build.BuildId;
import io.slipway.db.build.BuildQueue;
import io.slipway.db.build.ContextFile;
import io.slipway.db.build.DockerfileText;
import io.slipway.protocol.ImageFormat;
import io.slipway.protocol.LayerCompression;
import io.slipway.protocol.LayerRule;
import io.slipway.protocol.NetworkMode;
import io.slipway.protocol.SecretPolicy;
import io.slipway.protocol.WireJson;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The whole service on a free port, in this process, with {@link FakeWorker}s, and a client for it. */
public final class TestService implements AutoCloseable {
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    /** Longer than the longest wait that is asked for. */
    private static final Duration LIMIT = Duration.ofSeconds(90);

    private final ConfigurableApplicationContext context;
    private final Path home;
    private final URI url;
    private final String token;

    private TestService(Path home, List<String> properties) {
        this.home = home;
        List<String> arguments = settings(home, 0, properties);
        PostgresTemplate.copyTo(home, arguments);
        this.context = new SpringApplicationBuilder(Application.class)
                .web(WebApplicationType.SERVLET)
                .registerShutdownHook(true)
                .run(arguments.toArray(String[]::new));
        var web = (WebServerApplicationContext) context;
        this.url = URI.create("http://127.0.0.1:"
                + java.util.Objects.requireNonNull(web.getWebServer()).getPort());
        try {
            this.token = Files.readString(home.resolve("admin-token")).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String nameOf(String argument) {
        return argument.substring(0, argument.indexOf('='));
    }

    /**
     * A service of its own for the caller, who closes it.
     *
     * @param properties Spring properties, {@code --name=value}
     */
    public static TestService start(Path home, String... properties) {
        return new TestService(home, List.of(properties));
    }

    private static final class Shared {
        static final TestService SERVICE = new TestService(temporaryHome(), List.of());
    }

    /** One service for all tests that need no other; it ends with the JVM. */
    public static TestService shared() {
        return Shared.SERVICE;
    }

    /** A new home for a service. */
    public static Path temporaryHome() {
        try {
            return Files.createTempDirectory(Path.of("target").toAbsolutePath(), "service-");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Spring properties of a service for tests, as command-line arguments.
     *
     * @param port 0 is any free one
     * @param own instead of usual ones, and further ones
     */
    static List<String> settings(Path home, int port, List<String> own) {
        List<String> arguments = settings(home, port);
        // Given twice, an option would have both values.
        arguments.removeIf(usual -> own.stream().anyMatch(given -> nameOf(given).equals(nameOf(usual))));
        arguments.addAll(own);
        return arguments;
    }

    /** Spring properties of a service for tests, as command-line arguments; port 0 is any free one. */
    public static List<String> settings(Path home, int port) {
        List<String> properties = new ArrayList<>(List.of(
                "--slipway.home=" + home,
                "--server.port=" + port,
                "--server.address=127.0.0.1",
                "--slipway.workers.slots=4",
                "--slipway.workers.spares=2",
                "--slipway.workers.cancel-grace=1s",
                "--slipway.workers.timeout-grace=1s",
                "--slipway.workers.claim-wait=5s",
                "--slipway.workers.drain-timeout=0s",
                "--slipway.storage.context-age=0",
                "--slipway.storage.minimum-free=0", // a disk that is nearly full is no reason to remove contexts
                "--slipway.workers.enter="));
        List<String> worker = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx64m",
                "-Xlog:disable",
                "-cp",
                System.getProperty("java.class.path"),
                FakeWorker.class.getName());
        for (int i = 0; i < worker.size(); i++) {
            properties.add("--slipway.workers.command[" + i + "]=" + worker.get(i));
        }
        return properties;
    }

    /** Makes another home one whose service is going to be on this one's embedded database; returns the settings that say so. */
    public String[] beside(Path other) {
        try {
            Files.copy(home.resolve("admin-token"), other.resolve("admin-token"));
            Files.copy(home.resolve("secret-key"), other.resolve("secret-key"));
            String port = Files.readAllLines(home.resolve("postgres/data/postmaster.pid"))
                    .get(3);
            return new String[] {
                "--spring.datasource.url=jdbc:postgresql://127.0.0.1:" + port + "/postgres",
                "--spring.datasource.username=slipway",
                "--spring.datasource.password=" + Files.readString(home.resolve("postgres/password"))
            };
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where the service keeps its data. */
    public Path home() {
        return home;
    }

    /** The service's address. */
    public URI url() {
        return url;
    }

    /** The administrator's token. */
    public String token() {
        return token;
    }

    /** A bean of the service. */
    public <T> T bean(Class<T> type) {
        return context.getBean(type);
    }

    /** Queues a build whose Dockerfile is a script for {@link FakeWorker}. */
    public BuildId submit(String... script) {
        BuildDraft draft = draft(home, Duration.ofMinutes(5), script);
        bean(BuildQueue.class).submit(draft);
        return draft.id();
    }

    /** Queues a build of another project than the usual one, which is made if there is none of that name. */
    public BuildId submitTo(String project, String... script) {
        bean(Projects.class).create(project, null, "tok_0");
        BuildDraft draft = in(project, draft(home, Duration.ofMinutes(5), script));
        bean(BuildQueue.class).submit(draft);
        return draft.id();
    }

    /** Queues a build with a time limit. */
    public BuildId submitWithin(Duration timeout, String... script) {
        BuildDraft draft = draft(home, timeout, script);
        bean(BuildQueue.class).submit(draft);
        return draft.id();
    }

    /**
     * Queues a build that names secrets of its project.
     *
     * @param secrets names by id
     */
    public BuildId submitWithSecrets(String project, Map<String, String> secrets, String... script) {
        BuildDraft draft = in(project, draft(home, Duration.ofMinutes(5), script));
        ObjectNode options = (ObjectNode) WireJson.MAPPER.readTree(draft.options());
        options.set("projectSecrets", WireJson.MAPPER.valueToTree(secrets));
        bean(BuildQueue.class).submit(withOptions(draft, options.toString()));
        return draft.id();
    }

    /** Queues a build that is to have no credentials but its own. */
    public BuildId submitWithoutCredentials(String project, String... script) {
        bean(Projects.class).create(project, null, "tok_0");
        BuildDraft draft = in(project, draft(home, Duration.ofMinutes(5), script));
        ObjectNode options = (ObjectNode) WireJson.MAPPER.readTree(draft.options());
        bean(BuildQueue.class)
                .submit(withOptions(
                        draft, options.put("projectCredentials", false).toString()));
        return draft.id();
    }

    /** Queues a build of a cache scope. */
    public BuildId submitScoped(String scope, String... script) {
        BuildDraft draft = draft(home, Duration.ofMinutes(5), script);
        ObjectNode options = (ObjectNode) WireJson.MAPPER.readTree(draft.options());
        bean(BuildQueue.class)
                .submit(withOptions(draft, options.put("cacheScope", scope).toString()));
        return draft.id();
    }

    private static BuildDraft withOptions(BuildDraft draft, String options) {
        return new BuildDraft(
                draft.id(),
                draft.project(),
                options,
                null,
                draft.tags(),
                null,
                0,
                draft.timeoutMillis(),
                draft.dockerfile(),
                draft.context(),
                null,
                List.of());
    }

    private static BuildDraft in(String project, BuildDraft draft) {
        return new BuildDraft(
                draft.id(),
                project,
                draft.options(),
                null,
                draft.tags(),
                null,
                0,
                draft.timeoutMillis(),
                draft.dockerfile(),
                draft.context(),
                null,
                List.of());
    }

    /** A build with a context file of its own in {@code home}. */
    public static BuildDraft draft(Path home, Duration timeout, String... script) {
        BuildId id = BuildId.create(Instant.now());
        Path context = home.resolve("contexts").resolve(id + ".tar");
        try {
            Files.createDirectories(context.getParent());
            Files.write(context, new byte[1024]);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        BuildSettings settings = new BuildSettings(
                null,
                Map.of(),
                List.of(),
                null,
                null,
                Map.of("VERSION", "1"),
                List.of("registry.test/app:" + id.value().substring(4)),
                Map.of(),
                Map.of(),
                List.of(),
                false,
                false,
                NetworkMode.DEFAULT,
                ImageFormat.OCI,
                LayerCompression.GZIP,
                null,
                LayerRule.INSTRUCTION,
                SecretPolicy.WARN,
                null,
                null,
                true,
                Map.of(),
                true,
                List.of(),
                List.of(),
                null);
        return new BuildDraft(
                id,
                "default",
                WireJson.MAPPER.writeValueAsString(settings),
                null,
                settings.tags(),
                null,
                0,
                timeout.toMillis(),
                new DockerfileText("Dockerfile", String.join("\n", script)),
                new ContextFile(context.toString(), 1024, "0".repeat(64)),
                null,
                List.of());
    }

    /** A request with the administrator's token. */
    public HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(url.resolve(path)).timeout(LIMIT).header("Authorization", "Bearer " + token);
    }

    /** Sends a request and reads the answer as text, which must be as {@code openapi.yaml} says. */
    public HttpResponse<String> send(HttpRequest.Builder request) {
        HttpResponse<String> response = send(request, HttpResponse.BodyHandlers.ofString());
        OpenApi.contract().check(response, response.body().getBytes(UTF_8));
        return response;
    }

    /** Sends a request and reads the answer line by line as it comes, which must be as {@code openapi.yaml} says. The caller closes it. */
    public Stream<String> lines(HttpRequest.Builder request) {
        return OpenApi.contract().checked(send(request, HttpResponse.BodyHandlers.ofLines()));
    }

    private static <T> HttpResponse<T> send(HttpRequest.Builder request, HttpResponse.BodyHandler<T> handler) {
        try {
            return CLIENT.send(request.build(), handler);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** GET with the administrator's token. */
    public HttpResponse<String> get(String path) {
        return send(request(path));
    }

    /** POST without a body, with the administrator's token. */
    public HttpResponse<String> post(String path) {
        return send(request(path).POST(HttpRequest.BodyPublishers.noBody()));
    }

    /** A build's resource. */
    public JsonNode build(BuildId id) {
        return json(get("/v1/builds/" + id));
    }

    /** A build's resource once it has ended. */
    public JsonNode ended(BuildId id) {
        return json(get("/v1/builds/" + id + "?wait=60s"));
    }

    /** A build's log, once its worker has said {@code text}. */
    public void awaitLog(BuildId id, String text) {
        try (Stream<String> lines = lines(request("/v1/builds/" + id + "/logs?follow=true"))) {
            if (lines.noneMatch(line -> line.contains(text))) {
                throw new AssertionError("the log of " + id + " ended without " + text);
            }
        }
    }

    /** A body as JSON. */
    public static JsonNode json(HttpResponse<String> response) {
        return WireJson.MAPPER.readTree(response.body());
    }

    /** Stops the service as SIGTERM does. */
    @Override
    public void close() {
        context.close();
    }
}
