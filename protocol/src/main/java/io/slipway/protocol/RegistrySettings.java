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
 * @param ofThisBuild whether the credentials came with the build, so that nobody has them when it has ended
 */
public record RegistrySettings(
        String host,
        List<String> mirrors,
        boolean plainHttp,
        @Nullable String username,
        @Nullable String password,
        boolean ofThisBuild) {

    public RegistrySettings {
        mirrors = List.copyOf(mirrors);
    }

    /** Leaves the password out, so that settings can be logged. */
    @Override
    public String toString() {
        return "RegistrySettings[host=" + host + ", mirrors=" + mirrors + ", plainHttp=" + plainHttp + ", username="
                + username + "]";
    }
}
