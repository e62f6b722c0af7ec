package io.slipway.image.registry;

import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How to talk to one registry host.
 *
 * @param mirrors base URLs tried first when pulling, in order, such as {@code http://127.0.0.1:5000} or
 *     {@code https://mirror.example/docker-hub}; a path is put before the repository's own. What a mirror does not have, or
 *     when it can't be reached, comes from the host itself. A mirror's credentials are those of its own host
 * @param plainHttp true for http, false for https; null for http on loopback hosts and https everywhere else, as Docker does
 * @param credentials who we are there, or null for nobody
 * @param repositories who we are for a repository and those below it ({@code team} is for {@code team/app}, not for {@code teams}); the
 *     longest name that fits counts, before {@code credentials}
 */
public record HostSettings(
        List<URI> mirrors,
        @Nullable Boolean plainHttp,
        @Nullable Credentials credentials,
        Map<String, Credentials> repositories) {
    /** No mirrors, nobody, and the usual choice between http and https. */
    public static final HostSettings DEFAULT = new HostSettings(List.of(), null, null);

    /**
     * Checks the mirrors.
     *
     * @throws IllegalArgumentException if a mirror is not an http or https URL with a host
     */
    public HostSettings {
        mirrors = List.copyOf(mirrors);
        repositories = Map.copyOf(repositories);
        for (URI mirror : mirrors) {
            boolean http = "http".equals(mirror.getScheme()) || "https".equals(mirror.getScheme());
            if (!http || mirror.getHost() == null || mirror.getRawQuery() != null || mirror.getRawUserInfo() != null) {
                throw new IllegalArgumentException(
                        "a registry mirror is an http:// or https:// URL with a host and without user or query: "
                                + mirror);
            }
        }
    }

    /** The same for all repositories. */
    public HostSettings(List<URI> mirrors, @Nullable Boolean plainHttp, @Nullable Credentials credentials) {
        this(mirrors, plainHttp, credentials, Map.of());
    }

    /** The same host with other credentials. */
    public HostSettings withCredentials(@Nullable Credentials credentials) {
        return new HostSettings(mirrors, plainHttp, credentials, repositories);
    }

    /** The same host with other credentials for a repository and those below it. */
    public HostSettings withCredentials(String repository, Credentials own) {
        Map<String, Credentials> changed = new HashMap<>(repositories);
        changed.put(repository, own);
        return new HostSettings(mirrors, plainHttp, credentials, changed);
    }

    /** Who we are there for a repository, or null for nobody. */
    @Nullable
    Credentials credentials(String repository) {
        for (String name = repository; !name.isEmpty(); name = name.substring(0, Math.max(0, name.lastIndexOf('/')))) {
            Credentials own = repositories.get(name);
            if (own != null) {
                return own;
            }
        }
        return credentials;
    }
}
