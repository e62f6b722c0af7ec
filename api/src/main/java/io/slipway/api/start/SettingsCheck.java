package io.slipway.api.start;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.core.Ordered;
import org.springframework.core.PriorityOrdered;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;

/**
 * Refuses settings that nobody reads, before anything starts: a misspelled limit would otherwise be no limit. Spring's own
 * {@code ignoreUnknownFields = false} does neither look at environment variables nor know the names of two records with one prefix.
 */
final class SettingsCheck implements BeanFactoryPostProcessor, PriorityOrdered {
    private final ConfigurableEnvironment environment;

    SettingsCheck(ConfigurableEnvironment environment) {
        this.environment = environment;
    }

    @Override
    public void postProcessBeanFactory(ConfigurableListableBeanFactory beans) {
        KnownSettings known = new KnownSettings(records(beans));
        Map<String, String> unknown = new TreeMap<>();
        for (PropertySource<?> source : environment.getPropertySources()) {
            if (source instanceof EnumerablePropertySource<?> names) {
                for (String name : names.getPropertyNames()) {
                    if (source.getName().equals(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME)) {
                        variable(name, known, unknown);
                    } else {
                        property(name, known, unknown);
                    }
                }
            }
        }
        if (!unknown.isEmpty()) {
            throw new StartException(
                    String.join("\n", unknown.values()),
                    "Correct the name, or take it away. docs/operating.md lists the settings; these are there: "
                            + String.join(", ", known.names()) + ".");
        }
    }

    private static void property(String name, KnownSettings known, Map<String, String> unknown) {
        if (name.startsWith(KnownSettings.ROOT + ".") && !known.has(name)) {
            unknown.put(
                    name,
                    "There is no setting " + name
                            + known.nearest(name)
                                    .map(nearest -> ": did you mean " + nearest + "?")
                                    .orElse("."));
        }
    }

    private static void variable(String name, KnownSettings known, Map<String, String> unknown) {
        if (name.startsWith("SLIPWAY_") && !known.admitsVariable(name)) {
            unknown.put(
                    name,
                    "There is no setting for the environment variable " + name
                            + known.nearestToVariable(name)
                                    .map(nearest -> ": did you mean " + nearest + "?")
                                    .orElse("."));
        }
    }

    private static Map<String, Class<?>> records(ConfigurableListableBeanFactory beans) {
        Map<String, Class<?>> records = new LinkedHashMap<>();
        for (String bean : beans.getBeanDefinitionNames()) {
            ConfigurationProperties properties = beans.findAnnotationOnBean(bean, ConfigurationProperties.class, false);
            if (properties != null && (properties.value() + ".").startsWith(KnownSettings.ROOT + ".")) {
                records.put(properties.value(), Objects.requireNonNull(beans.getType(bean, false)));
            }
        }
        return records;
    }

    @Override
    public int getOrder() {
        return Ordered.HIGHEST_PRECEDENCE;
    }
}
