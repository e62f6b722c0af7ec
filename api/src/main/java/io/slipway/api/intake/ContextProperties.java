package io.slipway.api.intake;

import io.slipway.remote.AddressPolicy;
import io.slipway.remote.git.GitSettings;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How contexts that a request names are fetched.
 *
 * @param deniedNetworks networks in CIDR notation that nothing may be fetched from; null: the service's own machine, link-local
 *     addresses (where clouds have their metadata) and multicast; private networks are allowed, since that is where a company's
 *     git host is
 * @param ioTimeout longest wait for a connection or for more data
 * @param fetchTimeout longest time for a whole fetch, while the request waits
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
        return new AddressPolicy(deniedNetworks == null ? AddressPolicy.DENIED_BY_DEFAULT : deniedNetworks);
    }

    GitSettings gitSettings(GitProperties git) {
        return new GitSettings(
                git.allowFile(),
                git.sshKey(),
                git.knownHosts(),
                addresses(),
                ioTimeout,
                fetchTimeout,
                git.maxFetchSize().toBytes());
    }
}
