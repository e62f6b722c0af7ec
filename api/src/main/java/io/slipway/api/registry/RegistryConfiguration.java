package io.slipway.api.registry;

import io.slipway.api.SlipwayProperties;
import io.slipway.image.registry.Credentials;
import io.slipway.image.registry.HostSettings;
import io.slipway.image.registry.RegistryAddresses;
import io.slipway.image.registry.RegistryClient;
import io.slipway.image.registry.RegistrySettings;
import io.slipway.image.store.ContentStore;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The content store that workers fill and that images are served from, and the registries that the service itself asks. */
@Configuration(proxyBeanMethods = false)
class RegistryConfiguration {
    /** Who has what the service fetches for itself; no project has a name with a blank. */
    static final String SERVICE = "the service";

    @Bean
    ContentStore contentStore(SlipwayProperties properties) throws IOException {
        return ContentStore.at(properties.home().resolve("store"));
    }

    /** Has those of the service's credentials that are for all, never those of a build or a project. */
    @Bean
    RegistryClient registryClient(SlipwayProperties properties, ContentStore store) {
        return new RegistryClient(settings(properties, registry -> registry.isFor(null)), store.heldBy(SERVICE));
    }

    /**
     * How registries are reached.
     *
     * @param known whose credentials are there
     */
    static RegistrySettings settings(SlipwayProperties properties, Predicate<SlipwayProperties.Registry> known) {
        Map<String, HostSettings> hosts = new HashMap<>();
        for (SlipwayProperties.Registry registry : properties.registries()) {
            Credentials credentials =
                    known.test(registry) ? Credentials.of(registry.username(), registry.password(), null) : null;
            hosts.put(
                    registry.host(),
                    new HostSettings(registry.mirrors(), registry.plainHttp() ? Boolean.TRUE : null, credentials));
        }
        return RegistrySettings.DEFAULT
                .withHosts(hosts)
                .withCaFile(properties.caFile())
                .withAddresses(RegistryAddresses.outside(properties.registryDeniedNetworks(), hosts));
    }
}
