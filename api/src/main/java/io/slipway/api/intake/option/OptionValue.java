package io.slipway.api.intake.option;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** An option's value as it was read, before it is checked. */
sealed interface OptionValue {
    /** A text, or the text of a number or of a truth value. */
    record Text(String text) implements OptionValue {}

    /** Several texts in the order in which they were given. */
    record Texts(List<String> texts) implements OptionValue {
        public Texts {
            texts = List.copyOf(texts);
        }
    }

    /** Names with values, in the order in which they were given. */
    record Pairs(Map<String, String> pairs) implements OptionValue {
        public Pairs {
            pairs = Collections.unmodifiableMap(new LinkedHashMap<>(pairs));
        }
    }

    /** Where contexts come from, by name as written. */
    record Contexts(Map<String, NamedSource> sources) implements OptionValue {
        public Contexts {
            sources = Collections.unmodifiableMap(new LinkedHashMap<>(sources));
        }
    }

    /** Registry hosts with credentials. */
    record Credentials(Map<String, RegistryCredentials> hosts) implements OptionValue {
        public Credentials {
            hosts = Map.copyOf(hosts);
        }
    }

    /** Values of secrets by id, and names of the project's secrets by id. */
    record Secrets(Map<String, byte[]> values, Map<String, String> names) implements OptionValue {
        public Secrets {
            values = Map.copyOf(values);
            names = Map.copyOf(names);
        }

        @Override
        public String toString() {
            return "Secrets" + values.keySet() + names;
        }
    }
}
