package io.slipway.api.registry;

import io.slipway.api.SlipwayProperties;
import io.slipway.image.store.ContentStore;
import java.io.IOException;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The content store that workers fill and that images are served from. */
@Configuration(proxyBeanMethods = false)
class RegistryConfiguration {
    @Bean
    ContentStore contentStore(SlipwayProperties properties) throws IOException {
        return ContentStore.at(properties.home().resolve("store"));
    }
}
