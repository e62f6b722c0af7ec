package io.slipway.api.start;

import io.slipway.api.problem.NearestName;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** The names of the settings that a set of records has, and which of them somebody meant who wrote another. */
final class KnownSettings {
    /** All settings begin so, in a property's name and, in upper case and with a low line, in an environment variable's. */
    static final String ROOT = "slipway";

    /** Variables of the scripts (docs/operating.md), which are no settings; application.yaml reads SLIPWAY_PORT. */
    private static final Set<String> OTHER_VARIABLES = Set.of(
            "SLIPWAY_PORT", "SLIPWAY_OPTS", "SLIPWAY_DIST", "SLIPWAY_RUNTIME", "SLIPWAY_JAVA_OPTIONS", "SLIPWAY_CACHE");

    private static final Pattern INDEX = Pattern.compile("\\[\\d+]");

    /** Names as they are documented, by their uniform form. */
    private final Map<String, String> names = new TreeMap<>();

    /** Those of them that are maps: what stands below is the operator's own. */
    private final Set<String> maps = new HashSet<>();

    /** @param records the records that are bound, by their prefix */
    KnownSettings(Map<String, Class<?>> records) {
        records.forEach(this::add);
    }

    private void add(String prefix, Class<?> type) {
        for (RecordComponent component : type.getRecordComponents()) {
            String name = prefix + "." + kebab(component.getName());
            Class<?> value = component.getType();
            Optional<Class<?>> element = elementOf(component.getGenericType()).filter(Class::isRecord);
            if (value.isRecord()) {
                add(name, value);
            } else if (element.isPresent()) {
                add(name + "[0]", element.get());
            } else {
                names.put(uniform(name), name);
                if (value == Map.class) {
                    maps.add(name);
                }
            }
        }
    }

    private static Optional<Class<?>> elementOf(Type type) {
        return type instanceof ParameterizedType list
                        && list.getRawType() == List.class
                        && list.getActualTypeArguments()[0] instanceof Class<?> element
                ? Optional.of(element)
                : Optional.empty();
    }

    /** Whether a property of this name is read by anybody. */
    boolean has(String property) {
        String name = uniform(property);
        return names.containsKey(name) || maps.stream().anyMatch(map -> name.startsWith(uniform(map) + "."));
    }

    /** Names of all settings. */
    Collection<String> names() {
        return names.values();
    }

    /** The setting that was probably meant by a property's name. */
    Optional<String> nearest(String property) {
        // What all have in common would make everything near.
        int common = ROOT.length() + 1;
        List<String> endings =
                names.values().stream().map(name -> name.substring(common)).toList();
        return NearestName.of(property.substring(Math.min(common, property.length())), endings)
                .map(ending -> ROOT + "." + ending);
    }

    /**
     * Whether an environment variable can be left alone: it is a setting or one of the scripts' own, or so unlike any setting that
     * it must be somebody else's, such as those that Kubernetes makes for a service of this name.
     */
    boolean admitsVariable(String variable) {
        boolean setting = names.values().stream().anyMatch(name -> letters(name).equals(letters(variable)));
        boolean inMap = maps.stream().anyMatch(map -> variable.startsWith(variable(map) + "_"));
        if (setting || inMap || OTHER_VARIABLES.contains(variable)) {
            return true;
        }
        return nearestToVariable(variable).isEmpty() && !isInGroup(variable);
    }

    /** Whether it begins like the settings of a group, {@code SLIPWAY_LIMITS_…}. */
    private boolean isInGroup(String variable) {
        return names.values().stream()
                .map(name -> name.split("[.\\[]"))
                .filter(words -> words.length > 2)
                .anyMatch(words -> variable.startsWith((ROOT + "_" + words[1] + "_").toUpperCase(Locale.ROOT)));
    }

    /** The variable that was probably meant. */
    Optional<String> nearestToVariable(String variable) {
        int common = ROOT.length() + 1;
        List<String> endings = names.values().stream()
                .map(name -> variable(name).substring(common))
                .toList();
        return NearestName.of(variable.substring(Math.min(common, variable.length())), endings)
                .map(ending -> (ROOT + "_").toUpperCase(Locale.ROOT) + ending);
    }

    private static String variable(String name) {
        return name.replace("[0]", "_0").replace('.', '_').replace("-", "").toUpperCase(Locale.ROOT);
    }

    private static String kebab(String name) {
        return name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }

    /** Spring takes {@code build-timeout}, {@code buildTimeout} and {@code build_timeout} for the same, and any index for one. */
    private static String uniform(String property) {
        return INDEX.matcher(property).replaceAll("").replaceAll("[-_]", "").toLowerCase(Locale.ROOT);
    }

    /** In a variable's name dots are low lines, hyphens are left out or low lines, too, and indexes stand between low lines. */
    private static String letters(String name) {
        return name.replaceAll("[^a-zA-Z]", "").toLowerCase(Locale.ROOT);
    }
}
