package io.slipway.api.start;

import io.slipway.api.SlipwayProperties;
import io.slipway.image.registry.Trust;
import java.io.IOException;
import java.nio.file.Path;
import javax.net.ssl.SSLContext;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.Environment;

/**
 * Lets the whole process trust a company's certificate authorities besides the JDK's own ({@code slipway.ca-file}), before anybody
 * makes a client: the servers of git and HTTP contexts are reached with what the process trusts.
 */
final class TrustedAuthorities implements BeanFactoryPostProcessor {
    private final Environment environment;

    TrustedAuthorities(Environment environment) {
        this.environment = environment;
    }

    @Override
    public void postProcessBeanFactory(ConfigurableListableBeanFactory beans) {
        Path file = Binder.get(environment)
                .bindOrCreate("slipway", SlipwayProperties.class)
                .caFile();
        if (file == null) {
            return;
        }
        try {
            SSLContext.setDefault(Trust.context(file));
        } catch (IOException e) {
            throw new StartException(
                    "The certificate authorities in " + file + " (slipway.ca-file) can't be used: " + e,
                    "Make it a file of one or more certificates in PEM form that the service's user may read.");
        }
    }
}
