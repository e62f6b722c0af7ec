package io.slipway.api.database;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A PostgreSQL server of the service's own: its data lies in {@code $SLIPWAY_HOME/postgres/data} and is kept over restarts, it
 * listens on the loopback interface only and asks for a password. A server that a killed service left behind is taken over; one
 * that dies is started again on the same port. Thread-safe.
 */
final class EmbeddedPostgres implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedPostgres.class);
    private static final String USER = "slipway";
    private static final Duration START_LIMIT = Duration.ofSeconds(60);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(20);
    private static final Duration RETRY_PAUSE = Duration.ofMillis(200);
    private static final Duration START_PAUSE = Duration.ofMillis(50);

    private final Path programs;
    private final Path data;
    private final Path log;
    private final String password;
    private final int port;
    private volatile boolean open = true;
    private volatile ProcessHandle server;

    private EmbeddedPostgres(Path home, String password) throws IOException {
        this.programs = home.resolve("programs");
        this.data = home.resolve("data");
        this.log = home.resolve("postgres.log");
        this.password = password;
        Optional<Postmaster> left = Postmaster.running(data);
        if (left.isPresent()) {
            LOG.info(
                    "Taking over the PostgreSQL that an earlier run left behind (process {})",
                    left.get().process().pid());
            this.port = left.get().port();
            this.server = left.get().process();
            awaitReady(server);
        } else {
            this.port = freePort();
            this.server = start();
        }
        Thread.ofVirtual().name("postgres-watch").start(this::watch);
    }

    /**
     * Starts the server, or takes over the one that is running on the same data.
     *
     * @param home folder of its own; made if it is missing
     * @param version names the programs that come with the service
     * @param newPassword the password if the data is made now; otherwise that of the data's making is used
     */
    static EmbeddedPostgres open(Path home, String version, String newPassword) throws IOException {
        Files.createDirectories(
                home, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Path passwordFile = home.resolve("password");
        Path data = home.resolve("data");
        if (Postmaster.running(data).isEmpty()) {
            PostgresBinaries.unpack(home.resolve("programs"), version);
        }
        if (!Files.exists(data.resolve("PG_VERSION"))) {
            if (!Files.exists(passwordFile)) {
                Files.createFile(
                        passwordFile,
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            }
            Files.writeString(passwordFile, newPassword);
            initialize(home, passwordFile);
        }
        return new EmbeddedPostgres(home, Files.readString(passwordFile));
    }

    private static void initialize(Path home, Path passwordFile) throws IOException {
        Path data = home.resolve("data");
        Process initdb = new ProcessBuilder(command(
                        home.resolve("programs/bin/initdb"),
                        "--pgdata=" + data,
                        "--username=" + USER,
                        "--pwfile=" + passwordFile,
                        "--auth=scram-sha-256",
                        "--encoding=UTF8",
                        "--locale=C.UTF-8",
                        "--no-instructions"))
                .redirectErrorStream(true)
                .start();
        String output = new String(initdb.getInputStream().readAllBytes(), UTF_8);
        if (!exited(initdb)) {
            throw new IOException("initdb could not make " + data + ":\n" + output);
        }
    }

    private static boolean exited(Process process) throws IOException {
        try {
            return process.waitFor() == 0;
        } catch (InterruptedException e) {
            process.destroyForcibly();
            throw interrupted(e);
        }
    }

    /**
     * In a session of its own (setsid(1), which becomes the program): Ctrl-C in the service's terminal is for the service, which needs its database until
     * the end. PostgreSQL refuses to run as root; in a user namespace of its own it sees another user. Only tests run as root.
     */
    private static List<String> command(Path program, String... arguments) {
        List<String> command = new ArrayList<>(List.of("setsid"));
        if (System.getProperty("user.name").equals("root")) {
            command.addAll(List.of("unshare", "--user"));
        }
        command.add(program.toString());
        command.addAll(List.of(arguments));
        return command;
    }

    private ProcessHandle start() throws IOException {
        Process process = new ProcessBuilder(command(
                        programs.resolve("bin/postgres"),
                        "-D",
                        data.toString(),
                        "-c",
                        "port=" + port,
                        "-c",
                        "listen_addresses=127.0.0.1",
                        "-c",
                        "unix_socket_directories=",
                        "-c",
                        "max_connections=64"))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .start();
        awaitReady(process.toHandle());
        return process.toHandle();
    }

    private void awaitReady(ProcessHandle process) throws IOException {
        long deadline = System.nanoTime() + START_LIMIT.toNanos();
        while (true) {
            try (Connection connection = DriverManager.getConnection(url(), USER, password)) {
                if (connection.isValid(1)) {
                    return;
                }
            } catch (SQLException e) {
                if (!process.isAlive() || System.nanoTime() > deadline) {
                    throw new IOException("PostgreSQL did not start; " + log + " says why", e);
                }
            }
            pause(START_PAUSE);
        }
    }

    /** Starts the server again whenever it ends by itself. */
    private void watch() {
        while (open) {
            server.onExit().join();
            if (open) {
                LOG.error("PostgreSQL ended by itself; starting it again. {} may say why", log);
            }
            while (open && !server.isAlive()) {
                try {
                    server = start();
                } catch (IOException e) {
                    // The killed server's children may hold its memory for a moment longer.
                    LOG.warn("PostgreSQL can't be started yet: {}", e.getMessage());
                    pauseQuietly();
                }
            }
        }
    }

    String url() {
        return "jdbc:postgresql://127.0.0.1:" + port + "/postgres";
    }

    String user() {
        return USER;
    }

    String password() {
        return password;
    }

    /** The process that serves, for tests. */
    ProcessHandle process() {
        return server;
    }

    /** Ends the server in its fast mode: what is running is rolled back, everything committed is kept. */
    @Override
    public void close() {
        open = false;
        try {
            Optional<Postmaster> postmaster = Postmaster.running(data);
            if (postmaster.isEmpty()) {
                return;
            }
            long pid = postmaster.get().process().pid();
            new ProcessBuilder("kill", "-INT", Long.toString(pid))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                    .start()
                    .waitFor();
            postmaster.get().process().onExit().get(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            LOG.warn("PostgreSQL did not stop within {}; it recovers at the next start", STOP_LIMIT, e);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static void pause(Duration pause) throws IOException {
        try {
            Thread.sleep(pause);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private void pauseQuietly() {
        try {
            Thread.sleep(RETRY_PAUSE);
        } catch (InterruptedException e) {
            open = false; // the service is ending
        }
    }

    private static IOException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new IOException("interrupted", e);
    }
}
