package io.slipway.api.webhook.trigger;

import io.slipway.api.problem.BodyFields;
import io.slipway.api.problem.ProblemException;
import io.slipway.api.problem.ProblemType;
import io.slipway.api.problem.UnknownName;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The members of one object of a trigger's document: those that nobody has asked for are unknown. Null counts as absent. Not thread-safe. */
final class Fields {
    private final String path;
    private final ObjectNode object;
    private final List<String> known = new ArrayList<>();

    /** @param path where the object stands, with a dot at its end; empty for the whole document */
    Fields(String path, ObjectNode object) {
        this.path = path;
        this.object = object;
    }

    private @Nullable JsonNode value(String name) {
        known.add(name);
        JsonNode value = object.get(name);
        return value == null || value.isNull() ? null : value;
    }

    /** A text on one line, or null. */
    @Nullable
    String text(String name, int most) {
        JsonNode value = value(name);
        if (value == null) {
            return null;
        }
        if (!value.isString()
                || value.stringValue().isBlank()
                || value.stringValue().length() > most
                || value.stringValue().codePoints().anyMatch(Character::isISOControl)) {
            throw invalid(name, "must be a text of 1 to " + most + " characters without control characters", null);
        }
        return value.stringValue();
    }

    /** A text that has to be there. */
    String required(String name, int most, String hint) {
        String text = text(name, most);
        if (text == null) {
            throw invalid(name, "is missing", hint);
        }
        return text;
    }

    /** A text that has to be there, of several lines. What it is stands in no message. */
    String lines(String name, int most, String hint) {
        JsonNode value = value(name);
        if (value == null) {
            throw invalid(name, "is missing", hint);
        }
        if (!value.isString() || value.stringValue().length() > most) {
            throw invalid(name, "must be a text of at most " + most + " characters", hint);
        }
        return value.stringValue();
    }

    /** An id that has to be there: a text, or a number if somebody has left out the quotation marks. */
    String id(String name, Pattern form, String hint) {
        JsonNode value = value(name);
        if (value == null) {
            throw invalid(name, "is missing", hint);
        }
        String id = value.isString() || value.isIntegralNumber() ? value.asString() : "";
        if (!form.matcher(id).matches()) {
            throw invalid(name, "is no such id", hint);
        }
        return id;
    }

    /** True or false. */
    boolean flag(String name, boolean otherwise) {
        JsonNode value = value(name);
        if (value == null) {
            return otherwise;
        }
        if (!value.isBoolean()) {
            throw invalid(name, "must be true or false", null);
        }
        return value.booleanValue();
    }

    /** Texts, or null if the member is absent. */
    @Nullable
    List<String> texts(String name, int most, int mostCharacters) {
        JsonNode value = value(name);
        if (value == null) {
            return null;
        }
        List<String> texts = new ArrayList<>();
        for (JsonNode element : value) {
            texts.add(element.isString() ? element.stringValue() : "");
        }
        boolean fit = texts.stream().noneMatch(text -> text.isBlank() || text.length() > mostCharacters);
        if (!value.isArray() || texts.size() > most || !fit) {
            throw invalid(
                    name,
                    "must be an array of at most " + most + " texts of 1 to " + mostCharacters + " characters",
                    null);
        }
        return texts;
    }

    /** An object; an empty one if the member is absent. */
    ObjectNode object(String name) {
        JsonNode value = value(name);
        if (value == null) {
            return object.objectNode();
        }
        if (!(value instanceof ObjectNode member)) {
            throw invalid(name, "must be an object", null);
        }
        return member;
    }

    /** Whether the member is there and not null. */
    boolean has(String name) {
        return value(name) != null;
    }

    /** The members of a member. */
    Fields fields(String name) {
        return new Fields(path + name + ".", object(name));
    }

    /** The problem of a member. */
    ProblemException invalid(String name, String fault, @Nullable String hint) {
        return BodyFields.invalid(path + name, "The field " + path + name + " " + fault + ".", hint);
    }

    /** The problem of a word that is none of those that a member can be. */
    ProblemException unknownWord(String name, String word, List<String> words) {
        UnknownName unknown = UnknownName.of("value of " + path + name + ":", word, words);
        return BodyFields.invalid(path + name, unknown.message(), unknown.hint());
    }

    /** Refuses members that nobody has asked for. */
    void finish() {
        for (String name : object.propertyNames()) {
            if (!known.contains(name)) {
                UnknownName unknown = UnknownName.of(
                        path.isEmpty() ? "field" : "field of " + path.substring(0, path.length() - 1), name, known);
                throw new ProblemException(ProblemType.PARAMETER_UNKNOWN, unknown.message())
                        .with("parameter", path + name)
                        .with("hint", unknown.hint());
            }
        }
    }
}
