package io.slipway.api.database;

import io.slipway.api.HomeId;
import io.slipway.api.SlipwayProperties;
import io.slipway.api.access.AccessTokens;
import io.slipway.api.audit.AuditLines;
import io.slipway.api.build.ContextDirectory;
import io.slipway.api.limit.LimitSettings;
import io.slipway.db.Database;
import io.slipway.db.Notifications;
import io.slipway.db.access.IdempotencyKeys;
import io.slipway.db.access.Identities;
import io.slipway.db.access.Policies;
import io.slipway.db.access.Projects;
import io.slipway.db.access.SubmitRates;
import io.slipway.db.access.Tokens;
import io.slipway.db.audit.AuditLog;
import io.slipway.db.base.BaseRebuilds;
import io.slipway.db.base.WatchedBases;
import io.slipway.db.build.BuildHistory;
import io.slipway.db.build.BuildImages;
import io.slipway.db.build.BuildLog;
import io.slipway.db.build.BuildQueue;
import io.slipway.db.build.BuildTraces;
import io.slipway.db.build.Builds;
import io.slipway.db.build.Homes;
import io.slipway.db.secret.RegistryCredentials;
import io.slipway.db.secret.SealedTexts;
import io.slipway.db.secret.Secrets;
import io.slipway.db.webhook.CommitStatuses;
import io.slipway.db.webhook.Deliveries;
import io.slipway.db.webhook.Messages;
import io.slipway.db.webhook.RegistryHooks;
import io.slipway.db.webhook.Triggers;
import io.slipway.db.webhook.Webhooks;
import java.io.IOException;
import javax.sql.DataSource;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The database and the queries over it, as beans. */
@Configuration(proxyBeanMethods = false)
class DatabaseConfiguration {
    /** Without {@code spring.datasource.url} the service brings its own PostgreSQL. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnProperty(name = "spring.datasource.url", matchIfMissing = true, havingValue = "embedded")
    static class Embedded {
        @Bean
        EmbeddedPostgres embeddedPostgres(SlipwayProperties properties) throws IOException {
            return EmbeddedPostgres.open(
                    properties.home().resolve("postgres"), PostgresBinaries.version(), AccessTokens.create(""));
        }

        @Bean
        JdbcConnectionDetails embeddedConnection(EmbeddedPostgres postgres) {
            return new JdbcConnectionDetails() {
                @Override
                public String getJdbcUrl() {
                    return postgres.url();
                }

                @Override
                public String getUsername() {
                    return postgres.user();
                }

                @Override
                public String getPassword() {
                    return postgres.password();
                }
            };
        }
    }

    @Bean
    @DependsOnDatabaseInitialization
    Database database(DataSource source) {
        return new Database(source, new AuditLines());
    }

    @Bean
    AuditLog auditLog(Database database) {
        return new AuditLog(database);
    }

    @Bean
    Notifications notifications(Database database) {
        return new Notifications(database);
    }

    @Bean
    BuildQueue buildQueue(Database database, LimitSettings limits, HomeId home) {
        return new BuildQueue(database, limits.defaults(), home.value());
    }

    @Bean
    Builds builds(Database database, HomeId home, ContextDirectory contexts) {
        Builds builds = new Builds(database);
        builds.adopt(home.value(), contexts.path().toString());
        return builds;
    }

    @Bean
    Homes homes(Database database) {
        return new Homes(database);
    }

    @Bean
    BuildHistory buildHistory(Database database) {
        return new BuildHistory(database);
    }

    @Bean
    BuildImages buildImages(Database database, HomeId home) {
        return new BuildImages(database, home.value());
    }

    @Bean
    BuildTraces buildTraces(Database database) {
        return new BuildTraces(database);
    }

    @Bean
    BuildLog buildLog(Database database) {
        return new BuildLog(database);
    }

    @Bean
    Tokens tokens(Database database) {
        return new Tokens(database);
    }

    @Bean
    Identities identities(Database database) {
        return new Identities(database);
    }

    @Bean
    Projects projects(Database database) {
        return new Projects(database);
    }

    @Bean
    Policies policies(Database database) {
        return new Policies(database);
    }

    @Bean
    SubmitRates submitRates(Database database) {
        return new SubmitRates(database);
    }

    @Bean
    Secrets secrets(Database database) {
        return new Secrets(database);
    }

    @Bean
    RegistryCredentials registryCredentials(Database database) {
        return new RegistryCredentials(database);
    }

    @Bean
    SealedTexts sealedTexts(Database database) {
        return new SealedTexts(database);
    }

    @Bean
    Triggers triggers(Database database) {
        return new Triggers(database);
    }

    @Bean
    Deliveries deliveries(Database database) {
        return new Deliveries(database);
    }

    @Bean
    RegistryHooks registryHooks(Database database) {
        return new RegistryHooks(database);
    }

    @Bean
    WatchedBases watchedBases(Database database) {
        return new WatchedBases(database);
    }

    @Bean
    BaseRebuilds baseRebuilds(Database database) {
        return new BaseRebuilds(database);
    }

    @Bean
    CommitStatuses commitStatuses(Database database) {
        return new CommitStatuses(database);
    }

    @Bean
    Webhooks webhooks(Database database) {
        return new Webhooks(database);
    }

    @Bean
    Messages messages(Database database) {
        return new Messages(database);
    }

    @Bean
    IdempotencyKeys idempotencyKeys(Database database) {
        return new IdempotencyKeys(database);
    }
}
