package io.slipway.api.intake;

import io.slipway.protocol.FetchSettings;
import io.slipway.remote.AddressPolicy;
import io.slipway.remote.git.GitSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How contexts that a request names are fetched, and what a Dockerfile adds from elsewhere.
 *
 * @param deniedNetworks networks in CIDR notation that nothing may be fetched from; null: the service's own machine, link-local
 *     addresses (where clouds have their metadata) and multicast; private networks are allowed, since that is where a company's
 *     git host is
 * @param ioTimeout longest wait for a connection or for more data
 * @param fetchTimeout longest time for a whole fetch, while the request or the step waits
 */
@ConfigurationProperties("slipway.context")
public record ContextProperties(
        @Nullable List<String> deniedNetworks,
        @DefaultValue("60s") Duration ioTimeout,
        @DefaultValue("5m") Duration fetchTimeout) {

    public ContextProperties {
        deniedNetworks = deniedNetworks == null ? null : List.copyOf(deniedNetworks);
        if (ioTimeout.toMillis() < 1 || fetchTimeout.toMillis() < 1) {
            throw new IllegalArgumentException(
                    "slipway.context.io-timeout and slipway.context.fetch-timeout must be positive");
        }
    }

    AddressPolicy addresses() {
        return new AddressPolicy(networks());
    }

    private List<String> networks() {
        return deniedNetworks == null ? AddressPolicy.DENIED_BY_DEFAULT : deniedNetworks;
    }

    /**
     * What workers may fetch for ADD: the same as contexts.
     *
     * @param mostBytes the most bytes of a file, or of all files of a commit
     * @param deniedRegistryNetworks networks in CIDR notation in which they reach no registries but those that are configured
     */
    public FetchSettings fetchSettings(GitProperties git, long mostBytes, List<String> deniedRegistryNetworks) {
        return new FetchSettings(
                networks(),
                ioTimeout.toMillis(),
                fetchTimeout.toMillis(),
                mostBytes,
                git.maxFetchSize().toBytes(),
                path(git.sshKey()),
                path(git.knownHosts()),
                deniedRegistryNetworks);
    }

    private static @Nullable String path(@Nullable Path file) {
        return file == null ? null : file.toAbsolutePath().toString();
    }

    /** @param sshKey whether there is the key for ssh, too */
    GitSettings gitSettings(GitProperties git, boolean sshKey) {
        return new GitSettings(
                git.allowFile(),
                sshKey ? git.sshKey() : null,
                git.knownHosts(),
                addresses(),
                ioTimeout,
                fetchTimeout,
                git.maxFetchSize().toBytes());
    }
}
