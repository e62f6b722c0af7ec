package io.slipway.api.webhook.host;

import io.slipway.api.problem.JsonObjects;
import io.slipway.api.problem.ProblemException;
import io.slipway.api.problem.ProblemType;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** What is asked of a payload: never what is not there. Immutable as long as nobody changes its JSON. */
public record Payload(JsonNode json) {
    private static final String FORM = "application/x-www-form-urlencoded";
    private static final String FIELD = "payload=";

    /**
     * The payload of a body: JSON, or the field {@code payload} of a form, which GitHub sends if it is not told otherwise.
     *
     * @throws ProblemException if it is neither
     */
    public static Payload of(HookHeaders headers, byte[] body) {
        String type = headers.value("Content-Type");
        if (type == null || !type.toLowerCase(Locale.ROOT).startsWith(FORM)) {
            return new Payload(JsonObjects.parseAny(body, "the body"));
        }
        for (String field : new String(body, StandardCharsets.UTF_8).split("&")) {
            if (field.startsWith(FIELD)) {
                String decoded;
                try {
                    decoded = URLDecoder.decode(field.substring(FIELD.length()), StandardCharsets.UTF_8);
                } catch (IllegalArgumentException e) {
                    break; // a percent sign that begins no escape
                }
                return new Payload(JsonObjects.parseAny(decoded.getBytes(StandardCharsets.UTF_8), "the field payload"));
            }
        }
        throw new ProblemException(ProblemType.REQUEST_INVALID, "the form has no field payload that can be read");
    }

    /** The text at a JSON pointer, or null if there is none. Numbers count as texts. */
    @Nullable
    String text(String pointer) {
        return text(json.at(pointer));
    }

    /** The text at a JSON pointer, or an empty one. */
    String textOrEmpty(String pointer) {
        return textOrEmpty(json.at(pointer));
    }

    static String textOrEmpty(JsonNode value) {
        String text = text(value);
        return text == null ? "" : text;
    }

    /** Whether there is a {@code true} at a JSON pointer. */
    boolean flag(String pointer) {
        JsonNode value = json.at(pointer);
        return value.isBoolean() && value.booleanValue();
    }

    /** What is at a JSON pointer; a missing node if there is nothing. */
    JsonNode at(String pointer) {
        return json.at(pointer);
    }

    static @Nullable String text(JsonNode value) {
        if (value.isString() && !JsonObjects.isText(value.stringValue())) {
            throw new ProblemException(
                    ProblemType.REQUEST_INVALID, "what it says has the character U+0000 or half of a surrogate pair");
        }
        return value.isString() ? value.stringValue() : value.isIntegralNumber() ? value.asString() : null;
    }
}
