package io.slipway.api.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.MeterRegistry;
import io.slipway.api.Application;
import io.slipway.api.database.PostgresTemplate;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * The whole service on its embedded Postgres and a free loopback port, without workers: builds stay queued. Tests get one
 * that all of them share by asking for it as a parameter, with {@code @ExtendWith(ServiceExtension.class)}.
 */
public final class RunningService implements AutoCloseable {
    private final Path home;
    private final ConfigurableApplicationContext context;

    private RunningService(Path home, ConfigurableApplicationContext context) {
        this.home = home;
        this.context = context;
    }

    /**
     * Starts a service with a new home.
     *
     * @param properties Spring properties, {@code name=value}
     */
    public static RunningService start(String... properties) throws IOException {
        Path home = Files.createTempDirectory("slipway-test");
        List<String> arguments = new ArrayList<>(List.of(
                "--server.port=0",
                "--server.address=127.0.0.1",
                "--slipway.home=" + home,
                "--slipway.workers.enabled=false",
                "--slipway.workers.enter=",
                "--slipway.limits.free-space=0",
                "--slipway.storage.minimum-free=0", // a disk that is nearly full is no reason to remove contexts
                "--logging.level.root=WARN"));
        for (String property : properties) {
            arguments.add("--" + property);
        }
        PostgresTemplate.copyTo(home, arguments);
        try {
            return new RunningService(
                    home,
                    new SpringApplicationBuilder(Application.class)
                            .registerShutdownHook(false)
                            .run(arguments.toArray(String[]::new)));
        } catch (RuntimeException | Error e) {
            remove(home);
            throw e;
        }
    }

    /** {@code http://127.0.0.1:PORT}. */
    public String url() {
        return "http://127.0.0.1:" + port();
    }

    /** The port that it listens on. */
    public int port() {
        return Integer.parseInt(String.valueOf(context.getEnvironment().getProperty("local.server.port")));
    }

    /** The service's directory. */
    public Path home() {
        return home;
    }

    /** The administrator's token. */
    public String token() throws IOException {
        return Files.readString(home.resolve("admin-token")).strip();
    }

    /** One of the service's own parts, for what can't be done from outside. */
    public <T> T part(Class<T> type) {
        return context.getBean(type);
    }

    /** What a counter says of an outcome by now; 0 if nothing was counted yet. */
    public double counted(String counter, String outcome) {
        return part(MeterRegistry.class).counter(counter, "outcome", outcome).count();
    }

    /** All of the service's own parts of a kind. */
    public <T> List<T> parts(Class<T> type) {
        return List.copyOf(context.getBeansOfType(type).values());
    }

    /** A client with the administrator's token. */
    public ApiClient client() throws IOException {
        return new ApiClient(url(), token());
    }

    /** The files in {@code $SLIPWAY_HOME/contexts}. */
    public List<Path> contexts() throws IOException {
        try (var files = Files.list(home.resolve("contexts"))) {
            return files.sorted().toList();
        }
    }

    /**
     * Holds that no context is there that was not there {@code before}, except those of builds: what other tests have sent may
     * still be fetched, and what they left may go, meanwhile.
     */
    public void requireNothingKept(List<Path> before) throws IOException {
        ApiClient client = client();
        Awaitility.await("nothing is kept").atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
            for (Path file : contexts()) {
                if (!before.contains(file)) {
                    String build = file.getFileName().toString().replaceFirst("\\..*", "");
                    assertThat(client.get("/v1/builds/" + build).status())
                            .as("%s is the context of a build", file)
                            .isEqualTo(200);
                }
            }
        });
    }

    @Override
    public void close() throws IOException {
        context.close();
        remove(home);
    }

    private static void remove(Path directory) throws IOException {
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException failure) throws IOException {
                if (failure != null) {
                    throw failure;
                }
                Files.delete(folder);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
