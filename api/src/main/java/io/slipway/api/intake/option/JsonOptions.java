package io.slipway.api.intake.option;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Reads options from a JSON object. */
final class JsonOptions {
    private JsonOptions() {}

    /**
     * The options in {@code object}.
     *
     * @param others names of members that are not options and are left alone
     * @throws OptionException if a name is unknown or a value has the wrong type
     */
    static Map<BuildOption, OptionValue> read(ObjectNode object, Set<String> others) {
        Map<BuildOption, OptionValue> values = new EnumMap<>(BuildOption.class);
        for (Map.Entry<String, JsonNode> member : object.properties()) {
            if (!others.contains(member.getKey())) {
                BuildOption option = named(member.getKey(), others);
                values.put(option, value(option, member.getValue()));
            }
        }
        return values;
    }

    private static BuildOption named(String name, Set<String> others) {
        if (BuildOption.names().contains(name)) {
            return BuildOption.named(name);
        }
        List<String> candidates = new ArrayList<>(BuildOption.names());
        candidates.addAll(others);
        throw OptionException.unknown("field", name, candidates);
    }

    private static OptionValue value(BuildOption option, JsonNode value) {
        return switch (option.kind()) {
            case TEXT, CHOICE -> {
                if (!value.isString()) {
                    throw wrongType(option, "a text");
                }
                yield new OptionValue.Text(value.stringValue());
            }
            case FLAG -> {
                if (!value.isBoolean()) {
                    throw wrongType(option, "true or false");
                }
                yield new OptionValue.Text(String.valueOf(value.booleanValue()));
            }
            case INTEGER -> {
                if (!value.isIntegralNumber()) {
                    throw wrongType(option, "a whole number");
                }
                yield new OptionValue.Text(value.asString());
            }
            case TIME -> {
                if (!value.isIntegralNumber() && !value.isString()) {
                    throw wrongType(option, "a number of seconds since 1970 or the text \"context\"");
                }
                yield new OptionValue.Text(value.asString());
            }
            case DURATION -> {
                if (!value.isIntegralNumber() && !value.isString()) {
                    throw wrongType(option, "a number of seconds or a text such as \"1h30m\"");
                }
                yield new OptionValue.Text(value.asString());
            }
            case TEXTS -> new OptionValue.Texts(texts(option, value));
            case PAIRS -> new OptionValue.Pairs(pairs(option, value));
            case CONTEXTS -> new OptionValue.Contexts(contexts(option, value));
            case SECRETS -> secrets(option, value);
            case KEYS -> new OptionValue.Secrets(keys(option, value), Map.of());
            case CREDENTIALS -> new OptionValue.Credentials(credentials(option, value));
        };
    }

    private static List<String> texts(BuildOption option, JsonNode value) {
        if (value.isString()) {
            return List.of(value.stringValue());
        }
        if (!value.isArray()) {
            throw wrongType(option, "a text or an array of texts");
        }
        List<String> texts = new ArrayList<>();
        for (JsonNode element : value) {
            if (!element.isString()) {
                throw wrongType(option, "a text or an array of texts");
            }
            texts.add(element.stringValue());
        }
        return texts;
    }

    private static Map<String, String> pairs(BuildOption option, JsonNode value) {
        if (!(value instanceof ObjectNode object)) {
            throw wrongType(option, "an object of texts");
        }
        Map<String, String> pairs = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> member : object.properties()) {
            if (!member.getValue().isString()) {
                throw wrongType(option, "an object of texts (" + OptionException.shown(member.getKey()) + " is none)");
            }
            pairs.put(member.getKey(), member.getValue().stringValue());
        }
        return pairs;
    }

    private static Map<String, NamedSource> contexts(BuildOption option, JsonNode value) {
        if (!(value instanceof ObjectNode object)) {
            throw wrongType(option, "an object from name to context");
        }
        Map<String, NamedSource> contexts = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> member : object.properties()) {
            contexts.put(member.getKey(), SourceFields.named(member.getKey(), member.getValue()));
        }
        return contexts;
    }

    private static Map<String, RegistryCredentials> credentials(BuildOption option, JsonNode value) {
        if (!(value instanceof ObjectNode object)) {
            throw wrongType(option, "an object from registry host to {username, password}");
        }
        Map<String, RegistryCredentials> hosts = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> member : object.properties()) {
            hosts.put(
                    member.getKey(),
                    RegistryConfigHeader.credentials(option.wireName(), member.getKey(), member.getValue()));
        }
        return hosts;
    }

    private static OptionValue.Secrets secrets(BuildOption option, JsonNode value) {
        Map<String, byte[]> values = new LinkedHashMap<>();
        Map<String, String> names = new LinkedHashMap<>();
        if (value instanceof ObjectNode object) {
            for (Map.Entry<String, JsonNode> member : object.properties()) {
                JsonNode source = member.getValue().get("src");
                if (member.getValue().size() == 1 && source != null && source.isString()) {
                    names.put(
                            member.getKey(),
                            SecretReference.of(member.getKey(), source.stringValue())
                                    .name());
                } else {
                    values.put(member.getKey(), secret(option, member.getKey(), member.getValue()));
                }
            }
            return new OptionValue.Secrets(values, names);
        }
        if (!value.isString() && !value.isArray()) {
            throw wrongType(option, "an object from id to value, or names of secrets of the project");
        }
        for (String text : texts(option, value)) {
            SecretReference reference = SecretReference.parse(text);
            if (names.putIfAbsent(reference.id(), reference.name()) != null) {
                throw new OptionException(
                        option.wireName(), "secret " + reference.id() + " is given more than once", null);
            }
        }
        return new OptionValue.Secrets(values, names);
    }

    private static Map<String, byte[]> keys(BuildOption option, JsonNode value) {
        if (!(value instanceof ObjectNode object)) {
            throw wrongType(option, "an object from id to value");
        }
        Map<String, byte[]> secrets = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> member : object.properties()) {
            secrets.put(member.getKey(), secret(option, member.getKey(), member.getValue()));
        }
        return secrets;
    }

    private static byte[] secret(BuildOption option, String id, JsonNode value) {
        if (value.isString()) {
            return value.stringValue().getBytes(StandardCharsets.UTF_8);
        }
        JsonNode base64 = value.get("base64");
        if (value.size() == 1 && base64 != null && base64.isString()) {
            try {
                return Base64.getDecoder().decode(base64.stringValue());
            } catch (IllegalArgumentException e) {
                throw wrongType(
                        option,
                        "an object of texts or of {base64: …} (" + OptionException.shown(id) + " is no base64)");
            }
        }
        throw wrongType(option, "an object of texts or of {base64: …} (" + OptionException.shown(id) + " is neither)");
    }

    private static OptionException wrongType(BuildOption option, String expected) {
        return new OptionException(option.wireName(), option.wireName() + " must be " + expected, null);
    }
}
