package io.slipway.api.intake;

import io.slipway.remote.AddressPolicy;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What the service may fetch from where, for those who fetch something else than contexts, too. */
@Configuration(proxyBeanMethods = false)
class FetchConfiguration {
    /** Where the service connects to when a user has chosen the address. */
    @Bean
    AddressPolicy addressPolicy(ContextProperties properties) {
        return properties.addresses();
    }
}
