package io.slipway.dockerfile.directive;

import io.slipway.dockerfile.source.InvalidValueException;
import io.slipway.dockerfile.source.Suggestion;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * What {@code # check=skip=…;error=…;experimental=…} says (dockerfile.md §2).
 *
 * @param skipped rules that do not fire
 * @param skipsAll whether no rule fires
 * @param fails whether a warning fails the build
 * @param experimental experimental rules that fire
 * @param allExperimental whether all experimental rules fire
 */
public record CheckOptions(
        Set<String> skipped, boolean skipsAll, boolean fails, Set<String> experimental, boolean allExperimental) {

    /** Nothing is said: all rules fire but the experimental ones, and none fails the build. */
    public static final CheckOptions NONE = new CheckOptions(Set.of(), false, false, Set.of(), false);

    private static final String ALL_RULES = "all";
    private static final List<String> KEYS = List.of("skip", "error", "experimental");
    private static final Pattern COMMA = Pattern.compile(",");

    public CheckOptions {
        skipped = Set.copyOf(skipped);
        experimental = Set.copyOf(experimental);
    }

    /** The rules that are named, to be skipped or to fire. */
    public Set<String> named() {
        Set<String> all = new TreeSet<>(skipped);
        all.addAll(experimental);
        all.remove(ALL_RULES);
        return all;
    }

    /** Whether a rule does not fire because it is named, or because all are. */
    public boolean skips(String rule) {
        return skipsAll || skipped.contains(rule);
    }

    /**
     * @throws InvalidValueException if an option is unknown or malformed
     */
    public static CheckOptions parse(String text) {
        Set<String> skipped = new TreeSet<>();
        Set<String> experimental = new TreeSet<>();
        boolean fails = false;
        if (!text.isBlank()) {
            for (String option : text.split(";", -1)) {
                int equals = option.indexOf('=');
                String key = (equals < 0 ? option : option.substring(0, equals)).strip();
                String value = equals < 0 ? "" : option.substring(equals + 1).strip();
                if (equals < 0 || !KEYS.contains(key)) {
                    String near = Suggestion.hint(key, KEYS);
                    throw new InvalidValueException(
                            "\"" + option.strip() + "\" is not an option of # check=",
                            near != null ? near : "the options are skip=RULE,…, error=true and experimental=RULE,…");
                }
                switch (key) {
                    // A later one replaces an earlier one, as in the reference.
                    case "skip" -> setRules(value, skipped);
                    case "experimental" -> setRules(value, experimental);
                    default -> fails = isTrue(value);
                }
            }
        }
        return new CheckOptions(
                skipped, skipped.contains(ALL_RULES), fails, experimental, experimental.contains(ALL_RULES));
    }

    private static void setRules(String value, Set<String> rules) {
        rules.clear();
        COMMA.splitAsStream(value)
                .map(String::strip)
                .filter(rule -> !rule.isEmpty())
                .forEach(rules::add);
    }

    private static boolean isTrue(String value) {
        return switch (value.toLowerCase(Locale.ROOT)) {
            case "1", "t", "true" -> true;
            case "0", "f", "false" -> false;
            default -> throw new InvalidValueException("# check=error=" + value + " is neither true nor false");
        };
    }
}
