package io.slipway.worker.cli;

import io.slipway.protocol.RegistrySettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** How {@code build} reaches registries. */
final class RegistryOptions {
    /** What Docker calls its default registry in its configuration file. */
    private static final String DOCKER_HUB = "https://index.docker.io/v1/";

    @Option(
            names = "--registry-mirror",
            paramLabel = "HOST=URL",
            description =
                    "where to ask first for images of a registry, such as docker.io=http://127.0.0.1:5000 (repeatable)")
    private Map<String, String> mirrors = Map.of();

    @Option(
            names = "--registry-config",
            paramLabel = "FILE",
            description = "credentials: a config.json as docker login writes it (auths only)")
    private @Nullable Path config;

    @Option(
            names = "--plain-http",
            paramLabel = "HOST",
            description = "a registry that is spoken to over http, not https (repeatable)")
    private List<String> plainHttp = new ArrayList<>();

    @Option(
            names = "--ca-file",
            paramLabel = "FILE",
            description =
                    "certificate authorities (PEM) that are trusted besides the JDK's own, of registries, or of the service with --server")
    private @Nullable Path caFile;

    private record Credentials(String username, String password) {}

    /**
     * The settings of every host that an option names.
     *
     * @throws ParameterException if the configuration file is not to be had, or holds no credentials that can be used
     */
    List<RegistrySettings> settings(CommandLine command) {
        Map<String, Credentials> credentials = config == null ? Map.of() : credentials(command, config);
        Set<String> hosts = new LinkedHashSet<>(mirrors.keySet());
        hosts.addAll(credentials.keySet());
        hosts.addAll(plainHttp);
        List<RegistrySettings> settings = new ArrayList<>();
        for (String host : hosts) {
            Credentials own = credentials.get(host);
            settings.add(new RegistrySettings(
                    host,
                    mirrors.containsKey(host) ? List.of(mirrors.get(host)) : List.of(),
                    plainHttp.contains(host),
                    own == null ? null : own.username(),
                    own == null ? null : own.password(),
                    own != null));
        }
        return settings;
    }

    /** The absolute path of the file of certificate authorities, or null. */
    @Nullable
    String caFile(CommandLine command) {
        if (caFile == null) {
            return null;
        }
        if (!Files.isReadable(caFile)) {
            throw new ParameterException(command, "--ca-file: " + caFile + " can't be read");
        }
        return caFile.toAbsolutePath().toString();
    }

    private static Map<String, Credentials> credentials(CommandLine command, Path file) {
        JsonNode json;
        try {
            json = new JsonMapper().readTree(Files.readAllBytes(file));
        } catch (IOException | JacksonException e) {
            throw new ParameterException(command, "--registry-config: " + file + " can't be read as JSON", e);
        }
        if (json.has("credsStore") || json.has("credHelpers")) {
            throw new ParameterException(
                    command,
                    "--registry-config: " + file
                            + " leaves its credentials to a helper program, which Slipway can't ask;"
                            + " write a file with auths");
        }
        Map<String, Credentials> hosts = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> entry : json.path("auths").properties()) {
            String host = entry.getKey().equals(DOCKER_HUB) ? "docker.io" : entry.getKey();
            hosts.put(
                    host.replaceFirst("^https?://", "").replaceFirst("/.*$", ""), of(command, host, entry.getValue()));
        }
        return hosts;
    }

    private static Credentials of(CommandLine command, String host, JsonNode entry) {
        String username = entry.path("username").asString("");
        String password = entry.path("password").asString("");
        String auth = entry.path("auth").asString("");
        if (!auth.isEmpty()) {
            String pair = decoded(auth);
            int colon = pair.indexOf(':');
            username = colon < 0 ? "" : pair.substring(0, colon);
            password = pair.substring(colon + 1);
        }
        if (username.isEmpty()) {
            throw new ParameterException(command, "--registry-config: there is no user name and password for " + host);
        }
        return new Credentials(username, password);
    }

    private static String decoded(String auth) {
        try {
            return new String(Base64.getDecoder().decode(auth), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return ""; // the caller says what is missing
        }
    }
}
