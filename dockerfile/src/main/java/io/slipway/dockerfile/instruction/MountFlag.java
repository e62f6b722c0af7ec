package io.slipway.dockerfile.instruction;

import io.slipway.dockerfile.source.InvalidValueException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One {@code --mount} of RUN as it is written: fields between commas (dockerfile.md §5 RUN). Any value but that of {@code from} may hold
 * variables, even {@code type}; so what kind of mount it is shows only after expansion.
 *
 * @param written the flag as it is written, but for quotes, for the place of errors
 */
public record MountFlag(String written, List<Field> fields) {

    private static final String FLAG = "--mount=";

    public MountFlag {
        fields = List.copyOf(fields);
    }

    /**
     * One field.
     *
     * @param key the key in small letters
     * @param value the value, or null if the field has no {@code =}
     */
    public record Field(String key, @Nullable String value) {

        /** The field as it would be written. */
        String text() {
            return value == null ? key : key + "=" + value;
        }
    }

    /**
     * Splits the value of a {@code --mount} flag at its commas. A field may stand in double quotes, with {@code ""} for a quote (CSV).
     *
     * @throws InvalidValueException if a quote is misplaced, or if {@code from} holds a variable
     */
    public static MountFlag parse(String text) {
        try {
            return new MountFlag(FLAG + text, fields(text));
        } catch (InvalidValueException e) {
            throw e.within(FLAG + text);
        }
    }

    /** The same flag with other fields. */
    public MountFlag with(List<Field> expanded) {
        return new MountFlag(written, expanded);
    }

    private static List<Field> fields(String text) {
        List<Field> fields = new ArrayList<>();
        for (String field : split(text)) {
            int equals = field.indexOf('=');
            String key = (equals < 0 ? field : field.substring(0, equals)).toLowerCase(Locale.ROOT);
            String value = equals < 0 ? null : field.substring(equals + 1);
            if (key.equals("from")
                    && value != null
                    && value.indexOf('$') >= 0
                    && value.indexOf('$') < value.length() - 1) {
                throw new InvalidValueException(
                        "--mount from=" + value + " holds a variable, which is not expanded there",
                        "define a stage with FROM that uses an ARG from before the first FROM, and name that stage",
                        "from=" + value);
            }
            fields.add(new Field(key, value));
        }
        return fields;
    }

    /** What {@code from} names (stage, stage index, image or named context), or null; it is never expanded. */
    @Nullable
    public String from() {
        String from = null;
        for (Field field : fields) {
            if (field.key().equals("from") && field.value() != null) {
                from = field.value();
            }
        }
        return from == null || from.isEmpty() ? null : from;
    }

    /**
     * The mount that the fields, which have to be expanded, describe.
     *
     * @throws InvalidValueException if a key or value is unknown, or if they do not go together
     */
    public Mount mount() {
        try {
            return new MountReader(fields).mount();
        } catch (InvalidValueException e) {
            throw e.within(written);
        }
    }

    /**
     * Those of the fields, which have to be expanded, that the reference takes though they mean nothing for this kind of mount.
     *
     * @throws InvalidValueException as {@link #mount}
     */
    public List<String> withoutEffect() {
        Set<String> keys = switch (mount()) {
            case Mount.Bind _ -> Set.of("env", "id");
            case Mount.Cache cache when !cache.seedsAll() -> Set.of("env", "mode", "uid", "gid");
            case Mount.Cache _ -> Set.of("env");
            case Mount.Tmpfs _ -> Set.of("env", "from", "id");
            case Mount.Ssh _ -> Set.of("env", "from");
            case Mount.Secret _ -> Set.of();
        };
        return fields.stream()
                .map(field -> keys.contains(field.key())
                        ? field.text()
                        : MountReader.isMoreThanPermissions(field) ? field.text() + " beyond 0777" : "")
                .filter(text -> !text.isEmpty())
                .toList();
    }

    private static List<String> split(String text) {
        List<String> fields = new ArrayList<>();
        StringBuilder field = new StringBuilder();
        boolean quoted = false;
        boolean closed = false;
        for (int i = 0; i < text.length(); i++) {
            char character = text.charAt(i);
            if (quoted && character == '"') {
                if (i + 1 < text.length() && text.charAt(i + 1) == '"') {
                    field.append('"');
                    i++;
                } else {
                    quoted = false;
                    closed = true;
                }
            } else if (!quoted && character == ',') {
                fields.add(field.toString());
                field.setLength(0);
                closed = false;
            } else if (!quoted && character == '"' && field.isEmpty() && !closed) {
                quoted = true;
            } else if (!quoted && (character == '"' || closed)) {
                throw new InvalidValueException("--mount=" + text + " has a quote in the middle of a field");
            } else {
                field.append(character);
            }
        }
        if (quoted) {
            throw new InvalidValueException("--mount=" + text + " has a quote that is not closed");
        }
        fields.add(field.toString());
        return fields;
    }
}
