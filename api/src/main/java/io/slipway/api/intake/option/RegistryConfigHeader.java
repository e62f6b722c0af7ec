package io.slipway.api.intake.option;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The header {@code X-Registry-Config} of the Docker Engine API ({@code POST /build}): base64 (either alphabet, padding
 * optional) of a JSON object from registry host to {@code username} and {@code password}.
 */
final class RegistryConfigHeader {
    static final String NAME = "X-Registry-Config";

    private static final int MOST_CHARACTERS = 64 * 1024;

    /** What Docker's clients send beside user name and password; an e-mail address never mattered. */
    private static final Set<String> KNOWN =
            Set.of("username", "password", "email", "serveraddress", "auth", "identitytoken", "registrytoken");

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private RegistryConfigHeader() {}

    /**
     * The credentials in the header's value; empty for null.
     *
     * @throws OptionException if it is not what a Docker client sends
     */
    static Map<String, RegistryCredentials> read(@Nullable String value) {
        if (value == null || value.isBlank()) {
            return Map.of();
        }
        if (!(parsed(value.strip()) instanceof ObjectNode object)) {
            throw notReadable();
        }
        Map<String, RegistryCredentials> hosts = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> member : object.properties()) {
            hosts.put(member.getKey(), credentials(NAME, member.getKey(), member.getValue()));
        }
        return hosts;
    }

    private static JsonNode parsed(String value) {
        if (value.length() > MOST_CHARACTERS) {
            throw new OptionException(NAME, NAME + " is longer than " + MOST_CHARACTERS + " characters", null);
        }
        try {
            byte[] json = Base64.getUrlDecoder().decode(value.replace('+', '-').replace('/', '_'));
            return MAPPER.readTree(new String(json, StandardCharsets.UTF_8));
        } catch (IllegalArgumentException | JacksonException e) {
            throw notReadable();
        }
    }

    private static OptionException notReadable() {
        return new OptionException(
                NAME,
                NAME + " is not base64 of a JSON object",
                "encode {\"registry.example:5000\": {\"username\": \"…\", \"password\": \"…\"}}");
    }

    /**
     * One host's credentials.
     *
     * @param option whom to blame in errors
     */
    static RegistryCredentials credentials(String option, String host, JsonNode value) {
        if (!(value instanceof ObjectNode object)) {
            throw new OptionException(
                    option, option + ": " + shown(host) + " must be an object with username and password", null);
        }
        for (Map.Entry<String, JsonNode> member : object.properties()) {
            if (!KNOWN.contains(member.getKey())) {
                throw OptionException.unknown("field in " + option, member.getKey(), Set.of("username", "password"));
            }
        }
        for (String token : Set.of("identitytoken", "registrytoken")) {
            if (!text(object, token).isEmpty()) {
                throw new OptionException(
                        option, "not supported yet: " + token + " in " + option, "send username and password");
            }
        }
        String username = text(object, "username");
        String password = text(object, "password");
        for (String name : List.of("username", "password")) {
            if (text(object, name).isEmpty()) {
                throw new OptionException(
                        option,
                        option + ": " + shown(host) + " has no " + name,
                        "give username and password; without either, leave the host out and nobody is logged in");
            }
        }
        return new RegistryCredentials(username, password);
    }

    private static String text(ObjectNode object, String name) {
        JsonNode value = object.get(name);
        return value == null || !value.isString() ? "" : value.stringValue();
    }

    private static String shown(String host) {
        return OptionException.shown(host);
    }
}
