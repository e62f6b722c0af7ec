package io.slipway.worker.build;

import io.slipway.image.registry.Credentials;
import io.slipway.image.registry.HostSettings;
import io.slipway.image.registry.RegistryAddresses;
import io.slipway.image.registry.RegistrySettings;
import java.net.URI;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Turns a build spec's registry settings into the registry client's. */
public final class RegistryAccess {
    private RegistryAccess() {}

    /**
     * How a build reaches registries: those that its service has settings for wherever they are, others where they may be.
     *
     * @param deniedNetworks networks in CIDR notation
     * @param caFile as below
     */
    public static RegistrySettings settings(
            List<io.slipway.protocol.RegistrySettings> registries,
            @Nullable String caFile,
            List<String> deniedNetworks) {
        Map<String, HostSettings> configured = settings(
                        registries.stream()
                                .filter(registry -> !registry.ofThisBuild())
                                .toList(),
                        caFile)
                .hosts();
        return settings(registries, caFile).withAddresses(RegistryAddresses.outside(deniedNetworks, configured));
    }

    /**
     * How registries are reached, wherever they are.
     *
     * @param caFile a PEM file of certificate authorities to trust besides the JDK's own, or null
     */
    public static RegistrySettings settings(
            List<io.slipway.protocol.RegistrySettings> registries, @Nullable String caFile) {
        Map<String, HostSettings> hosts = new HashMap<>();
        for (io.slipway.protocol.RegistrySettings registry : registries) {
            hosts.computeIfAbsent(
                    registry.host(),
                    host -> host(registries.stream()
                            .filter(other -> other.host().equals(host))
                            .toList()));
        }
        return RegistrySettings.DEFAULT.withHosts(hosts).withCaFile(caFile == null ? null : Path.of(caFile));
    }

    /** @param entries those of one host */
    private static HostSettings host(List<io.slipway.protocol.RegistrySettings> entries) {
        io.slipway.protocol.RegistrySettings first = entries.getFirst();
        Map<String, Credentials> repositories = new HashMap<>();
        for (io.slipway.protocol.RegistrySettings entry : entries) {
            Credentials credentials = credentials(entry);
            if (entry.repository() != null && credentials != null) {
                repositories.putIfAbsent(entry.repository(), credentials);
            }
        }
        return new HostSettings(
                first.mirrors().stream().map(URI::create).toList(),
                first.plainHttp() ? Boolean.TRUE : null,
                entries.stream()
                        .filter(entry -> entry.repository() == null)
                        .findFirst()
                        .map(RegistryAccess::credentials)
                        .orElse(null),
                repositories);
    }

    private static @Nullable Credentials credentials(io.slipway.protocol.RegistrySettings entry) {
        return Credentials.of(entry.username(), entry.password(), entry.identityToken());
    }
}
