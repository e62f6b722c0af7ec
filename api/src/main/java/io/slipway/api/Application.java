package io.slipway.api;

import io.slipway.api.launch.Drain;
import io.slipway.api.start.TerminationSignals;
import java.time.Clock;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;

/** The service. */
@SpringBootApplication(proxyBeanMethods = false)
@ConfigurationPropertiesScan
public class Application {
    /** Starts it; arguments are Spring properties ({@code --name=value}). */
    public static void main(String[] args) {
        ConfigurableApplicationContext service = SpringApplication.run(Application.class, args);
        TerminationSignals.onSecond(service.getBean(Drain.class)::cutShort);
    }

    @Bean
    Clock clock() {
        return Clock.systemUTC();
    }
}
