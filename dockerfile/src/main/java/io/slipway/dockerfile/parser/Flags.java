package io.slipway.dockerfile.parser;

import io.slipway.dockerfile.source.InvalidValueException;
import io.slipway.dockerfile.source.Suggestion;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The flags of one instruction, checked against those that it knows. */
final class Flags {

    /** What a flag takes. */
    enum Kind {
        /** {@code --x}, {@code --x=true} or {@code --x=false}, once. */
        SWITCH,
        /** {@code --x=VALUE}, once. */
        VALUE,
        /** {@code --x=VALUE}, any number of times. */
        VALUES
    }

    /** For instructions without flags. */
    static final Map<String, Kind> NONE = Map.of();

    private final Map<String, List<String>> values = new HashMap<>();

    private Flags() {}

    /**
     * @param head the line with the flags
     * @param known what the instruction knows
     * @throws InvalidValueException if a flag is unknown, repeated, or has a value that it cannot have
     */
    static Flags parse(Head head, Map<String, Kind> known) {
        Flags flags = new Flags();
        for (String word : head.flags()) {
            int equals = word.indexOf('=');
            String name = word.substring(2, equals < 0 ? word.length() : equals);
            @Nullable String value = equals < 0 ? null : word.substring(equals + 1);
            Kind kind = known.get(name);
            if (kind == null) {
                String near = Suggestion.nearest(name, new TreeSet<>(known.keySet()));
                throw new InvalidValueException(
                        head.name() + " does not know the flag --" + name,
                        near != null
                                ? "did you mean --" + near + "?"
                                : known.isEmpty()
                                        ? null
                                        : "it knows --" + String.join(", --", new TreeSet<>(known.keySet())),
                        "--" + name);
            }
            List<String> earlier = flags.values.computeIfAbsent(name, ignored -> new ArrayList<>());
            if (!earlier.isEmpty() && kind != Kind.VALUES) {
                throw new InvalidValueException("the flag --" + name + " is given twice", null, "--" + name);
            }
            earlier.add(kind == Kind.SWITCH ? switchValue(name, value) : needValue(name, value));
        }
        return flags;
    }

    /** The value of a flag, or null if it is not given. */
    @Nullable
    String value(String name) {
        List<String> given = values.get(name);
        return given == null ? null : given.getFirst();
    }

    /** The values of a flag, in order. */
    List<String> values(String name) {
        return values.getOrDefault(name, List.of());
    }

    /** The value of a switch, or null if it is not given. */
    @Nullable
    Boolean switchOrNull(String name) {
        String value = value(name);
        return value == null ? null : Boolean.valueOf(value);
    }

    /** Whether a switch is on. */
    boolean isOn(String name) {
        return Boolean.parseBoolean(value(name));
    }

    private static String needValue(String name, @Nullable String value) {
        if (value == null) {
            throw new InvalidValueException(
                    "the flag --" + name + " needs a value", "write --" + name + "=VALUE", "--" + name);
        }
        return value;
    }

    private static String switchValue(String name, @Nullable String value) {
        String lower = value == null ? "true" : value.toLowerCase(Locale.ROOT);
        if (!lower.equals("true") && !lower.equals("false")) {
            throw new InvalidValueException(
                    "the flag --" + name + " is true or false, not \"" + value + "\"", "write --" + name, "--" + name);
        }
        return lower;
    }
}
