package io.slipway.api.registry;

import io.slipway.api.secret.ProjectRegistries;
import io.slipway.image.registry.Credentials;
import io.slipway.image.registry.HostSettings;
import io.slipway.image.registry.RegistryClient;
import io.slipway.image.registry.RegistrySettings;
import io.slipway.image.store.ContentStore;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Who asks registries: the service for itself, or in the name of a project. Thread-safe. */
@Component
public final class RegistryClients {
    private final RegistryClient own;
    private final RegistrySettings settings;
    private final ProjectRegistries registries;
    private final ContentStore store;

    RegistryClients(RegistryClient own, RegistrySettings settings, ProjectRegistries registries, ContentStore store) {
        this.own = own;
        this.settings = settings;
        this.registries = registries;
        this.store = store;
    }

    /**
     * A client with the credentials of a project, for one request: it remembers tokens.
     *
     * @param project null for the service's own
     */
    public RegistryClient of(@Nullable String project) {
        if (project == null) {
            return own;
        }
        Map<String, HostSettings> hosts = new HashMap<>(settings.hosts());
        for (io.slipway.protocol.RegistrySettings entry : registries.of(project)) {
            hosts.merge(entry.host(), with(settings.host(entry.host()), entry), (known, _) -> with(known, entry));
        }
        return new RegistryClient(settings.withHosts(hosts), store);
    }

    private static HostSettings with(HostSettings host, io.slipway.protocol.RegistrySettings entry) {
        Credentials credentials = Credentials.of(entry.username(), entry.password(), entry.identityToken());
        return entry.repository() == null || credentials == null
                ? host.withCredentials(credentials)
                : host.withCredentials(entry.repository(), credentials);
    }
}
