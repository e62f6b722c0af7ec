package io.slipway.api.conditional;

import io.slipway.db.ChangeTurns;
import io.slipway.db.Database;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.servlet.HandlerExceptionResolver;

/** Where conditional changes are looked at: behind the security filters, so that nobody learns of anything by them. */
@Configuration(proxyBeanMethods = false)
class ConditionalConfiguration {
    @Bean
    ChangeTurns changeTurns(Database database) {
        return new ChangeTurns(database);
    }

    @Bean
    FilterRegistrationBean<ConditionalChanges> conditionalChanges(
            CurrentTag current,
            ChangeTurns turns,
            @Qualifier("handlerExceptionResolver") HandlerExceptionResolver problems) {
        FilterRegistrationBean<ConditionalChanges> registration =
                new FilterRegistrationBean<>(new ConditionalChanges(current, turns, problems));
        registration.addUrlPatterns("/v1/*");
        return registration;
    }
}
