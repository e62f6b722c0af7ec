package io.slipway.worker.cli;

import io.slipway.dockerfile.ignore.IgnorePatterns;
import io.slipway.dockerfile.stage.ContextAddress;
import io.slipway.image.registry.Trust;
import io.slipway.protocol.RegistrySettings;
import io.slipway.protocol.SshSource;
import io.slipway.worker.client.ServerBuild;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** The options of {@code build} for a service that builds, and what else of the options such a build is told. */
final class ServerOptions {
    private static final String IGNORE_FILE = ".dockerignore";

    /** What only a build on this machine has. */
    static final List<String> LOCAL_ONLY = List.of("--registry-mirror", "--plain-http", "--home", "--check");

    @Option(
            names = "--server",
            paramLabel = "URL",
            description = "a Slipway service that builds; only what it lacks of DIR is sent")
    private @Nullable String server;

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            description = "with --server: the token (default: $SLIPWAY_TOKEN)")
    private @Nullable Path tokenFile;

    @Option(
            names = "--project",
            paramLabel = "NAME",
            description = "with --server: the project (default: ${DEFAULT-VALUE})",
            defaultValue = "default")
    private String project = "default";

    /** Whether a service is to build. */
    boolean isServer() {
        return server != null;
    }

    /**
     * Refuses options that have no meaning here.
     *
     * @throws ParameterException if there is one
     */
    void check(CommandLine command) {
        CommandLine.ParseResult given = command.getParseResult();
        if (isServer()) {
            for (String option : LOCAL_ONLY) {
                if (given.hasMatchedOption(option)) {
                    throw new ParameterException(
                            command, option + " is for builds on this machine: with --server the service decides");
                }
            }
            return;
        }
        for (String option : List.of("--token-file", "--project")) {
            if (given.hasMatchedOption(option)) {
                throw new ParameterException(command, option + " needs --server");
            }
        }
    }

    /**
     * The build to be.
     *
     * @param caFile authorities that are trusted besides the JDK's own, or null
     * @throws ParameterException if there is no token, the address is none, or the file has no authorities
     */
    ServerBuild begin(CommandLine command, @Nullable String caFile) throws IOException {
        URI address = address(command);
        SSLSocketFactory trust = null;
        if (caFile != null) {
            if (!address.getScheme().equals("https")) {
                throw new ParameterException(
                        command, "--ca-file is for a service with TLS, and " + server + " is spoken to in plain http");
            }
            try {
                trust = Trust.context(Path.of(caFile)).getSocketFactory();
            } catch (IOException e) {
                throw new ParameterException(command, "--ca-file: " + e.getMessage(), e);
            }
        }
        return new ServerBuild(address, trust, token(command), project, System.out);
    }

    private URI address(CommandLine command) {
        try {
            URI address = new URI(String.valueOf(server).replaceFirst("/+$", ""));
            boolean http = "http".equals(address.getScheme()) || "https".equals(address.getScheme());
            if (http && address.getHost() != null && address.getRawUserInfo() == null) {
                return address;
            }
        } catch (URISyntaxException e) {
            // Told below.
        }
        throw new ParameterException(
                command, "--server is the address of a service, such as http://127.0.0.1:8080, not " + server);
    }

    private String token(CommandLine command) throws IOException {
        String token = tokenFile == null
                ? System.getenv().getOrDefault("SLIPWAY_TOKEN", "")
                : Files.readString(tokenFile, StandardCharsets.UTF_8);
        if (token.isBlank()) {
            throw new ParameterException(
                    command, "--server needs a token: --token-file FILE, or the environment variable SLIPWAY_TOKEN");
        }
        return token.strip();
    }

    /**
     * Where the Dockerfile is.
     *
     * @param written the value of {@code --file}, or null
     * @throws ParameterException if it has an ignore file that the service would not see
     */
    static void putDockerfile(
            CommandLine command, LocalDockerfile dockerfile, @Nullable String written, Map<String, Object> options) {
        if (dockerfile.inside()) {
            options.put("dockerfile", dockerfile.name());
            return;
        }
        if (written != null && Files.isRegularFile(Path.of(written + IGNORE_FILE))) {
            throw new ParameterException(
                    command,
                    "--server: of a Dockerfile that is not in DIR the ignore file " + written + IGNORE_FILE
                            + " can't be sent; put its patterns into DIR/" + IGNORE_FILE);
        }
        options.put("dockerfileInline", new String(dockerfile.text(), StandardCharsets.UTF_8));
    }

    /** The named contexts; directories are sent. */
    static Map<String, Object> contexts(CommandLine command, Map<String, ContextAddress> addresses, ServerBuild service)
            throws IOException {
        Map<String, Object> contexts = new LinkedHashMap<>();
        for (Map.Entry<String, ContextAddress> entry : addresses.entrySet()) {
            String name = entry.getKey();
            contexts.put(
                    name,
                    switch (entry.getValue()) {
                        case ContextAddress.Directory(String path) -> sent(command, name, Path.of(path), service);
                        case ContextAddress.Layout layout -> sent(command, name, layout, service);
                        case ContextAddress.Image(String image) -> Map.of("image", image);
                        case ContextAddress.Git git -> git.written();
                        case ContextAddress.Http(String url) -> url;
                        case ContextAddress.Build(String id) -> Map.of("build", id);
                    });
        }
        return contexts;
    }

    /** An OCI layout is sent as it is: of what the service has already nothing travels. */
    private static Map<String, Object> sent(
            CommandLine command, String name, ContextAddress.Layout layout, ServerBuild service) throws IOException {
        Path directory = directory(command, name, Path.of(layout.path()));
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("context", service.send(directory, _ -> false));
        String image = layout.name();
        if (image != null) {
            fields.put(image.startsWith("sha256:") ? "digest" : "tag", image);
        }
        return Map.of("ociLayout", fields);
    }

    private static Path directory(CommandLine command, String name, Path path) {
        Path directory = path.toAbsolutePath();
        if (!Files.isDirectory(directory)) {
            throw new ParameterException(
                    command, "--build-context " + name + "=" + directory + ": there is no such directory");
        }
        return directory;
    }

    private static String sent(CommandLine command, String name, Path path, ServerBuild service) throws IOException {
        Path directory = directory(command, name, path);
        Path ignoreFile = directory.resolve(IGNORE_FILE);
        IgnorePatterns ignored = Files.isRegularFile(ignoreFile)
                ? LocalDockerfile.patterns(command, ignoreFile, Files.readString(ignoreFile, StandardCharsets.UTF_8))
                : IgnorePatterns.NONE;
        return service.send(directory, entry -> ignored.ignoresAllBelow(entry) && !entry.equals(IGNORE_FILE));
    }

    /** Credentials by host. */
    static Map<String, Object> credentials(List<RegistrySettings> registries) {
        Map<String, Object> credentials = new LinkedHashMap<>();
        for (RegistrySettings registry : registries) {
            if (registry.username() != null && registry.password() != null) {
                credentials.put(
                        registry.host(), Map.of("username", registry.username(), "password", registry.password()));
            }
        }
        return credentials;
    }

    /** Secrets by id; any bytes will do. */
    static Map<String, Object> secrets(Map<String, byte[]> secrets) {
        Map<String, Object> encoded = new LinkedHashMap<>();
        secrets.forEach((id, value) ->
                encoded.put(id, Map.of("base64", Base64.getEncoder().encodeToString(value))));
        return encoded;
    }

    /**
     * Private keys by id.
     *
     * @throws ParameterException if one is an agent's socket, which does not reach to the service
     */
    static Map<String, Object> ssh(CommandLine command, Map<String, SshSource> sources) {
        Map<String, Object> keys = new LinkedHashMap<>();
        sources.forEach((id, source) -> {
            if (source.key() == null) {
                throw new ParameterException(
                        command, "--ssh " + id + ": with --server an agent can't be reached; --ssh ID=KEY names a key");
            }
            keys.put(id, source.key());
        });
        return keys;
    }
}
