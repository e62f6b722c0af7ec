package io.slipway.api.testing;

import io.slipway.api.Application;
import io.slipway.db.Database;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.postgresql.ds.PGSimpleDataSource;

/** The whole service as a process of its own, so that it can be killed. */
public final class ServiceProcess implements AutoCloseable {
    private final Process process;
    private final String greeting;
    private final StringBuilder said;

    private ServiceProcess(Process process, String greeting, StringBuilder said) {
        this.process = process;
        this.greeting = greeting;
        this.said = said;
    }

    /** The embedded database of the service with that home, while it runs. */
    public static Database database(Path home) throws IOException {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setServerNames(new String[] {"127.0.0.1"});
        source.setPortNumbers(new int[] {
            Integer.parseInt(Files.readAllLines(home.resolve("postgres/data/postmaster.pid"))
                    .get(3))
        });
        source.setDatabaseName("postgres");
        source.setUser("slipway");
        source.setPassword(Files.readString(home.resolve("postgres/password")));
        return new Database(source);
    }

    /** What it has said until now; of its log, only warnings and errors. */
    public String said() {
        synchronized (said) {
            return said.toString();
        }
    }

    private static void keep(BufferedReader output, StringBuilder said) {
        try (output) {
            output.lines().forEach(line -> append(said, line));
        } catch (UncheckedIOException | IOException e) {
            append(said, "(the rest was not read: " + e.getMessage() + ")");
        }
    }

    private static void append(StringBuilder said, String line) {
        synchronized (said) {
            said.append(line).append('\n');
        }
    }

    /** What it said until it was ready; of its log, only warnings and errors. */
    public String greeting() {
        return greeting;
    }

    /**
     * Starts the service and waits for the line that says that it is ready.
     *
     * @param properties further Spring properties, {@code --name=value}
     */
    public static ServiceProcess start(Path home, int port, String... properties) throws IOException {
        List<String> arguments = new ArrayList<>(List.of(properties));
        arguments.add("--logging.level.root=WARN");
        return await(begin(home, port, Map.of(), arguments), "Slipway is ready at http://127.0.0.1:" + port);
    }

    /**
     * Starts the service and waits until it says that it listens and is not ready.
     *
     * @param environment further environment variables
     * @param properties further Spring properties, {@code --name=value}
     */
    public static ServiceProcess startUnready(
            Path home, int port, Map<String, String> environment, String... properties) throws IOException {
        List<String> arguments = new ArrayList<>(List.of(properties));
        arguments.add("--logging.level.root=WARN");
        return await(begin(home, port, environment, arguments), " but is not ready: ");
    }

    private static ServiceProcess await(Process process, String sign) throws IOException {
        BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
        StringBuilder said = new StringBuilder();
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            said.append(line).append('\n');
            if (line.contains(sign)) {
                String greeting = said.toString();
                Thread.ofVirtual().start(() -> keep(output, said));
                return new ServiceProcess(process, greeting, said);
            }
        }
        throw new IOException("the service ended before it said so:\n" + said);
    }

    /**
     * Starts a service that can't run, and returns all that it says until it has ended.
     *
     * @param environment further environment variables
     * @param properties further Spring properties, {@code --name=value}
     */
    public static String failure(Path home, int port, Map<String, String> environment, List<String> properties)
            throws IOException, InterruptedException {
        Process process = begin(home, port, environment, properties);
        StringBuilder said = new StringBuilder();
        try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                said.append(line).append('\n');
                if (line.startsWith("Slipway is ready")) {
                    throw new AssertionError("the service runs:\n" + said);
                }
            }
            if (process.waitFor() == 0) {
                throw new AssertionError("the service ended well:\n" + said);
            }
            return said.toString();
        } finally {
            process.destroy();
        }
    }

    private static Process begin(Path home, int port, Map<String, String> environment, List<String> properties)
            throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Application.class.getName()));
        command.addAll(TestService.settings(home, port, properties));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(environment);
        return builder.start();
    }

    /** Sends SIGTERM, and does not wait. */
    public void terminate() {
        process.toHandle().destroy(); // Process.destroy() would not let the rest of its output be read
    }

    /** Waits until it has ended, and returns its exit status. */
    public int awaitEnd(Duration limit) throws InterruptedException {
        if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new AssertionError("the service did not end within " + limit + ":\n" + said());
        }
        return process.exitValue();
    }

    /** Kills it, and nothing that it started. */
    public void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** Stops it by SIGTERM and waits for its end. */
    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            process.destroyForcibly();
        }
    }
}
