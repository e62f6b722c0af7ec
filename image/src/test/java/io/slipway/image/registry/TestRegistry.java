package io.slipway.image.registry;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.slipway.image.ImageReference;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Debian's docker-registry (the distribution project's registry 2.8) on a free loopback port, for tests: open, with Basic
 * authentication, or with tokens. Ends when closed, or with the JVM.
 */
public final class TestRegistry implements AutoCloseable {
    /** The user that may do everything where one must be somebody; the password is {@link #PASSWORD}. */
    public static final String USER = "pilot";

    /** {@link #USER}'s password. */
    public static final String PASSWORD = "pilot-pw";

    private static final String USER_BCRYPT = "$2b$04$HuID/RePEs5gKQPU75PVT..CCfiyV.VPjakGvtU9Jbx7IrtdRYs7K";
    private static final Path BINARY = Path.of("/usr/bin/docker-registry");
    private static final Pattern LISTENING = Pattern.compile("listening on 127\\.0\\.0\\.1:([0-9]+)");

    private final Process process;
    private final Thread endWithJvm;
    private final int port;

    private TestRegistry(Path directory, String auth) throws IOException {
        if (!Files.isExecutable(BINARY)) {
            throw new IOException("docker-registry is missing (" + BINARY + "): apt-get install docker-registry");
        }
        Files.createDirectories(directory.resolve("data"));
        Path config = directory.resolve("config.yml");
        Files.writeString(config, """
                version: 0.1
                log: {level: info, accesslog: {disabled: true}}
                storage:
                  filesystem: {rootdirectory: "%s"}
                  delete: {enabled: true}
                http: {addr: "127.0.0.1:0", secret: not-a-secret}
                %s
                """.formatted(directory.resolve("data"), auth));
        process = new ProcessBuilder(BINARY.toString(), "serve", config.toString())
                .redirectErrorStream(true)
                .start();
        endWithJvm = new Thread(process::destroyForcibly);
        Runtime.getRuntime().addShutdownHook(endWithJvm);
        port = awaitPort();
    }

    /**
     * Starts a registry that everybody may use.
     *
     * @param directory an empty directory for its files
     */
    public static TestRegistry open(Path directory) throws IOException {
        return new TestRegistry(directory, "");
    }

    /**
     * Starts a registry that wants Basic authentication for everything.
     *
     * @param directory an empty directory for its files
     */
    public static TestRegistry withBasic(Path directory) throws IOException {
        Path users = directory.resolve("htpasswd");
        Files.writeString(users, USER + ":" + USER_BCRYPT + "\n");
        return new TestRegistry(directory, "auth: {htpasswd: {realm: test, path: \"" + users + "\"}}");
    }

    /**
     * Starts a registry that wants tokens.
     *
     * @param directory an empty directory for its files
     * @param tokens who gives them
     */
    public static TestRegistry withTokens(Path directory, TestTokenServer tokens) throws IOException {
        Path certificate = directory.resolve("tokens.pem");
        Files.writeString(certificate, tokens.certificate());
        String auth = "auth: {token: {realm: \"%s\", service: \"%s\", issuer: \"%s\", rootcertbundle: \"%s\"}}"
                .formatted(tokens.realm(), TestTokenServer.SERVICE, TestTokenServer.ISSUER, certificate);
        return new TestRegistry(directory, auth);
    }

    /** Its host and port, as in an image reference. */
    public String host() {
        return "127.0.0.1:" + port;
    }

    /** Its base URL. */
    public String url() {
        return "http://" + host();
    }

    /** An image in it: {@code name} is a path with an optional tag. */
    public ImageReference image(String name) {
        return ImageReference.parse(host() + "/" + name);
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
            Runtime.getRuntime().removeShutdownHook(endWithJvm);
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    /** The registry chooses a free port itself and says so in its log, which must be read on so that it never blocks. */
    private int awaitPort() throws IOException {
        CompletableFuture<Integer> found = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            StringBuilder said = new StringBuilder();
            try (BufferedReader log = process.inputReader(UTF_8)) {
                for (String line = log.readLine(); line != null; line = log.readLine()) {
                    Matcher matcher = LISTENING.matcher(line);
                    if (matcher.find()) {
                        found.complete(Integer.valueOf(matcher.group(1)));
                    }
                    if (!found.isDone()) {
                        said.append(line).append('\n');
                    }
                }
                found.completeExceptionally(new IOException("docker-registry ended: " + said));
            } catch (IOException e) {
                found.completeExceptionally(e);
            }
        });
        try {
            return found.get(30, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            process.destroyForcibly();
            throw new IOException("docker-registry does not start", e);
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
