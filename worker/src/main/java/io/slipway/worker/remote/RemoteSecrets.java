package io.slipway.worker.remote;

import io.slipway.remote.Authorization;
import io.slipway.remote.SourceException;
import io.slipway.remote.SourceException.Kind;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The credentials among a build's secrets, by the names that the reference gives them. Immutable. */
final class RemoteSecrets {
    private final Map<String, byte[]> secrets;

    RemoteSecrets(Map<String, byte[]> secrets) {
        this.secrets = secrets;
    }

    /** The header Authorization for files of a host: {@code HTTP_AUTH_HEADER_HOST} or {@code HTTP_AUTH_TOKEN_HOST}; or null. */
    @Nullable
    String forFiles(String host) {
        String header = find("HTTP_AUTH_HEADER_", host);
        if (header != null) {
            return header;
        }
        String token = find("HTTP_AUTH_TOKEN_", host);
        return token == null ? null : Authorization.bearer(token);
    }

    /**
     * The header Authorization for repositories of a host: {@code GIT_AUTH_HEADER.HOST} or {@code GIT_AUTH_TOKEN.HOST}, else the same
     * without a host; or null.
     *
     * @param hosts names of the host, with and without the port
     */
    @Nullable
    String forRepositories(List<String> hosts) {
        for (String host : hosts) {
            String authorization = git(find("GIT_AUTH_HEADER.", host), find("GIT_AUTH_TOKEN.", host));
            if (authorization != null) {
                return authorization;
            }
        }
        return git(find("GIT_AUTH_HEADER", ""), find("GIT_AUTH_TOKEN", ""));
    }

    private static @Nullable String git(@Nullable String header, @Nullable String token) {
        if (header != null) {
            return header;
        }
        return token == null ? null : Authorization.basic("x-access-token", token);
    }

    /** Names of hosts are the same in either case. */
    private @Nullable String find(String prefix, String host) {
        for (Map.Entry<String, byte[]> secret : secrets.entrySet()) {
            String id = secret.getKey();
            if (id.startsWith(prefix) && id.substring(prefix.length()).equalsIgnoreCase(host)) {
                return value(id, secret.getValue());
            }
        }
        return null;
    }

    /** A file that holds a token usually ends in a new line, which is no part of it. */
    private static String value(String id, byte[] secret) {
        String value = new String(secret, StandardCharsets.UTF_8).strip();
        if (value.isEmpty() || value.chars().anyMatch(c -> c < ' ' || c > '~')) {
            throw new SourceException(
                    Kind.INVALID, "the secret " + id + " is empty or not in one line of ASCII characters", null);
        }
        return value;
    }
}
