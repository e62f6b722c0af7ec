package io.slipway.worker.build;

import io.slipway.image.registry.Credentials;
import io.slipway.image.registry.HostSettings;
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
     * @param caFile a PEM file of certificate authorities to trust besides the JDK's own, or null
     */
    public static RegistrySettings settings(
            List<io.slipway.protocol.RegistrySettings> registries, @Nullable String caFile) {
        Map<String, HostSettings> hosts = new HashMap<>();
        for (io.slipway.protocol.RegistrySettings registry : registries) {
            Credentials credentials = registry.username() == null || registry.password() == null
                    ? null
                    : new Credentials(registry.username(), registry.password());
            List<URI> mirrors = registry.mirrors().stream().map(URI::create).toList();
            hosts.putIfAbsent(
                    registry.host(),
                    new HostSettings(mirrors, registry.plainHttp() ? Boolean.TRUE : null, credentials));
        }
        return RegistrySettings.DEFAULT.withHosts(hosts).withCaFile(caFile == null ? null : Path.of(caFile));
    }
}
