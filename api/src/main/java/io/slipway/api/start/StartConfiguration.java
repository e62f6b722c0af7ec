package io.slipway.api.start;

import org.springframework.boot.flyway.autoconfigure.FlywayMigrationStrategy;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.ConfigurableEnvironment;

/** The checks; Spring runs such beans before it makes any other, so that nothing has been started when one fails. */
@Configuration(proxyBeanMethods = false)
class StartConfiguration {
    @Bean
    static SettingsCheck settingsCheck(ConfigurableEnvironment environment) {
        return new SettingsCheck(environment);
    }

    @Bean
    static TrustedAuthorities trustedAuthorities(ConfigurableEnvironment environment) {
        return new TrustedAuthorities(environment);
    }

    @Bean
    static HomeLock homeLock(ConfigurableEnvironment environment) {
        return new HomeLock(environment);
    }

    @Bean
    FlywayMigrationStrategy databaseVersion() {
        return new DatabaseVersion();
    }
}
