package io.slipway.protocol;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How one registry host is reached. Hosts without an entry are reached over https without credentials (loopback hosts over
 * http too, as Docker does).
 *
 * @param host {@code host[:port]} as it stands in image references; {@code docker.io} for the default registry
 * @param mirrors base URLs ({@code http://host:port} or {@code https://…}) that are asked first when pulling, in order
 * @param plainHttp speak http instead of https to the host itself
 * @param username user name, or null for anonymous access
 * @param password password or token, or null
 * @param ofThisBuild whether the credentials are this build's or its project's, so that the service has them for nobody else
 * @param repository the credentials are for this repository and those below it only, or null for all
 * @param identityToken an OAuth2 refresh token for token servers, instead of the password, or null
 */
public record RegistrySettings(
        String host,
        List<String> mirrors,
        boolean plainHttp,
        @Nullable String username,
        @Nullable String password,
        boolean ofThisBuild,
        @Nullable String repository,
        @Nullable String identityToken) {

    public RegistrySettings {
        mirrors = List.copyOf(mirrors);
    }

    /** With a user name and a password, or neither, for all repositories. */
    public RegistrySettings(
            String host,
            List<String> mirrors,
            boolean plainHttp,
            @Nullable String username,
            @Nullable String password,
            boolean ofThisBuild) {
        this(host, mirrors, plainHttp, username, password, ofThisBuild, null, null);
    }

    /** The same credentials for a host that is reached as another entry says. */
    public RegistrySettings reachedAs(RegistrySettings other) {
        return new RegistrySettings(
                host, other.mirrors, other.plainHttp, username, password, ofThisBuild, repository, identityToken);
    }

    /** Leaves the password out, so that settings can be logged. */
    @Override
    public String toString() {
        return "RegistrySettings[host=" + host + ", mirrors=" + mirrors + ", plainHttp=" + plainHttp + ", username="
                + username + ", repository=" + repository + "]";
    }
}
