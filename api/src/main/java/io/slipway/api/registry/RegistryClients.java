package io.slipway.api.registry;

import io.slipway.api.SlipwayProperties;
import io.slipway.api.secret.ProjectRegistries;
import io.slipway.image.registry.Credentials;
import io.slipway.image.registry.HostSettings;
import io.slipway.image.registry.RegistryClient;
import io.slipway.image.registry.RegistrySettings;
import io.slipway.image.store.ContentStore;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Who asks registries: the service for itself, or in the name of a project. Thread-safe. */
@Component
public final class RegistryClients {
    /** Who asks what names mean, now and then, for many and for nobody who waits, tries it another time rather than for long. */
    private static final Duration ASKING_CONNECT = Duration.ofSeconds(5);

    private static final Duration ASKING_IDLE = Duration.ofSeconds(10);
    private static final int ASKING_ATTEMPTS = 2;

    private final RegistryClient own;
    private final RegistryClient ownAsking;
    private final SlipwayProperties properties;
    private final ProjectRegistries registries;
    private final ContentStore store;

    RegistryClients(
            RegistryClient own, SlipwayProperties properties, ProjectRegistries registries, ContentStore store) {
        this.own = own;
        this.properties = properties;
        this.registries = registries;
        this.store = store;
        this.ownAsking = new RegistryClient(
                brief(RegistryConfiguration.settings(properties, _ -> true)),
                store.heldBy(RegistryConfiguration.SERVICE));
    }

    private static RegistrySettings brief(RegistrySettings settings) {
        return settings.withTimes(ASKING_CONNECT, ASKING_IDLE, settings.firstDelay())
                .withAttempts(ASKING_ATTEMPTS);
    }

    /**
     * A client with the credentials of a project, for one request: it remembers tokens.
     *
     * @param project null for those of the service's own that are for all
     */
    public RegistryClient of(@Nullable String project) {
        if (project == null) {
            return own;
        }
        return new RegistryClient(settings(project), store.heldBy(project));
    }

    /** The same, and what it gets is {@code holder}'s: a view of the content store of the project, or of a scope of it. */
    RegistryClient of(String project, ContentStore holder) {
        return new RegistryClient(settings(project), holder);
    }

    /**
     * A client that asks what names mean, for nobody who waits for the answer, with the credentials of a project.
     *
     * @param project null for all of the service's own: what is asked so, builds have been able to pull
     */
    public RegistryClient asking(@Nullable String project) {
        return project == null ? ownAsking : new RegistryClient(brief(settings(project)), store.heldBy(project));
    }

    private RegistrySettings settings(String project) {
        RegistrySettings settings = RegistryConfiguration.settings(properties, registry -> registry.isFor(project));
        Map<String, HostSettings> hosts = new HashMap<>(settings.hosts());
        for (io.slipway.protocol.RegistrySettings entry : registries.of(project)) {
            hosts.merge(entry.host(), with(settings.host(entry.host()), entry), (known, _) -> with(known, entry));
        }
        return settings.withHosts(hosts);
    }

    private static HostSettings with(HostSettings host, io.slipway.protocol.RegistrySettings entry) {
        Credentials credentials = Credentials.of(entry.username(), entry.password(), entry.identityToken());
        return entry.repository() == null || credentials == null
                ? host.withCredentials(credentials)
                : host.withCredentials(entry.repository(), credentials);
    }
}
