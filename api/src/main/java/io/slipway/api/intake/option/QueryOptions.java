package io.slipway.api.intake.option;

import io.slipway.api.problem.QueryText;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads options from a query string. The servlet's own parameters are not asked: they would read a form-like body, too. */
final class QueryOptions {
    private static final Pattern PASSWORD = Pattern.compile("[a-z+]+://[^/?#]*:[^/?#]*@");

    private QueryOptions() {}

    /**
     * The options in {@code query}, a raw query string without the question mark; null and empty have none.
     *
     * @throws OptionException if a name is unknown, is repeated although it may not be, or has no value
     */
    static Map<BuildOption, OptionValue> read(@Nullable String query) {
        Map<BuildOption, OptionValue> values = new EnumMap<>(BuildOption.class);
        if (query == null || query.isEmpty()) {
            return values;
        }
        for (String parameter : query.split("&")) {
            if (parameter.isEmpty()) {
                continue;
            }
            int equals = parameter.indexOf('=');
            String name = decoded(equals < 0 ? parameter : parameter.substring(0, equals));
            BuildOption option = BuildOption.named(name);
            add(values, option, equals < 0 ? null : decoded(parameter.substring(equals + 1)));
        }
        return values;
    }

    private static void add(Map<BuildOption, OptionValue> values, BuildOption option, @Nullable String value) {
        OptionValue before = values.get(option);
        if (before != null && !option.kind().isRepeatable()) {
            throw new OptionException(option.wireName(), option.wireName() + " is given more than once", null);
        }
        if (value == null && option.kind() != OptionKind.FLAG) {
            throw new OptionException(
                    option.wireName(), option.wireName() + " has no value", "write " + option.wireName() + "=…");
        }
        if (value != null && value.isEmpty()) {
            throw new OptionException(
                    option.wireName(), option.wireName() + " is empty", "leave it out for the default");
        }
        values.put(
                option,
                switch (option.kind()) {
                    case FLAG -> new OptionValue.Text(value == null ? "true" : value);
                    case TEXT, CHOICE, INTEGER, TIME, DURATION -> new OptionValue.Text(present(value));
                    case TEXTS -> new OptionValue.Texts(appended(before, present(value)));
                    case PAIRS -> new OptionValue.Pairs(withPair(before, option, present(value)));
                    case CONTEXTS -> new OptionValue.Contexts(withContext(before, option, present(value)));
                    case CREDENTIALS ->
                        throw new OptionException(
                                option.wireName(),
                                option.wireName() + " can't stand in a URL, which is logged",
                                "send the header X-Registry-Config, or the options as JSON");
                    case SECRETS -> withSecret(before, option, present(value));
                    case KEYS ->
                        throw new OptionException(
                                option.wireName(),
                                option.wireName() + " can't stand in a URL, which is logged",
                                "send multipart/form-data whose part build has the options as JSON:"
                                        + " {\"ssh\": {\"ID\": \"KEY\"}}");
                });
    }

    private static String present(@Nullable String value) {
        return value == null ? "" : value;
    }

    private static List<String> appended(@Nullable OptionValue before, String text) {
        if (!(before instanceof OptionValue.Texts(List<String> texts))) {
            return List.of(text);
        }
        return Stream.concat(texts.stream(), Stream.of(text)).toList();
    }

    private static Map<String, String> withPair(@Nullable OptionValue before, BuildOption option, String text) {
        Map<String, String> pairs = new LinkedHashMap<>();
        if (before instanceof OptionValue.Pairs(Map<String, String> earlier)) {
            pairs.putAll(earlier);
        }
        int equals = equalsOf(option, text);
        String name = text.substring(0, equals);
        if (pairs.putIfAbsent(name, text.substring(equals + 1)) != null) {
            throw twice(option, name);
        }
        return pairs;
    }

    private static Map<String, NamedSource> withContext(@Nullable OptionValue before, BuildOption option, String text) {
        Map<String, NamedSource> contexts = new LinkedHashMap<>();
        if (before instanceof OptionValue.Contexts(Map<String, NamedSource> earlier)) {
            contexts.putAll(earlier);
        }
        int equals = equalsOf(option, text);
        String name = text.substring(0, equals);
        String value = text.substring(equals + 1);
        if (PASSWORD.matcher(value).lookingAt()) {
            throw new OptionException(
                    option.wireName(),
                    option.wireName() + " " + OptionException.shown(name)
                            + " has a password, which can't stand in a URL, which is logged",
                    "send the options as JSON");
        }
        if (contexts.putIfAbsent(name, SourceFields.named(name, value)) != null) {
            throw twice(option, name);
        }
        return contexts;
    }

    private static OptionValue.Secrets withSecret(@Nullable OptionValue before, BuildOption option, String text) {
        Map<String, String> names = new LinkedHashMap<>();
        if (before instanceof OptionValue.Secrets(Map<String, byte[]> _, Map<String, String> earlier)) {
            names.putAll(earlier);
        }
        SecretReference reference = SecretReference.parse(text);
        if (names.putIfAbsent(reference.id(), reference.name()) != null) {
            throw twice(option, reference.id());
        }
        return new OptionValue.Secrets(Map.of(), names);
    }

    private static OptionException twice(BuildOption option, String name) {
        return new OptionException(
                option.wireName(),
                option.wireName() + " " + OptionException.shown(name) + " is given more than once",
                null);
    }

    /** Where the value begins. */
    private static int equalsOf(BuildOption option, String text) {
        int equals = text.indexOf('=');
        if (equals < 1) {
            throw new OptionException(
                    option.wireName(),
                    option.wireName() + " " + OptionException.shown(text) + " is not of the form NAME=VALUE",
                    "in a URL the second = may stand as it is: " + option.wireName() + "=NAME=VALUE");
        }
        return equals;
    }

    private static String decoded(String text) {
        try {
            return QueryText.decoded(text);
        } catch (IllegalArgumentException e) {
            throw new OptionException(
                    text,
                    "the query has a % that is no percent-encoding of a text: " + OptionException.shown(text),
                    "encode the text as UTF-8");
        }
    }
}
