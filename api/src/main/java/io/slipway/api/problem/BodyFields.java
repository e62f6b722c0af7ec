package io.slipway.api.problem;

import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The fields of a small JSON body. What is not of its form is refused, and so is a field that the call does not know. Immutable. */
public final class BodyFields {
    /** The largest body of a call that has no other limit. */
    public static final int MOST_BYTES = 64 * 1024;

    private static final Pattern JSON = Pattern.compile(
            "(?i)\\s*(application/([^;]*\\+)?json|text/(json|plain)|application/x-www-form-urlencoded)\\s*(;|$)");

    private final ObjectNode object;

    private BodyFields(ObjectNode object) {
        this.object = object;
    }

    /**
     * Reads the body of a request.
     *
     * @param known names of the fields that the call knows
     * @throws ProblemException if the body is no JSON object, is too large, or has another field
     */
    public static BodyFields read(HttpServletRequest request, List<String> known) throws IOException {
        return read(request, known, MOST_BYTES);
    }

    /**
     * Reads the body of a request that may be larger than others.
     *
     * @param mostBytes how large
     */
    public static BodyFields read(HttpServletRequest request, List<String> known, int mostBytes) throws IOException {
        requireJson(request);
        byte[] body = request.getInputStream().readNBytes(mostBytes + 1);
        if (body.length > mostBytes) {
            throw new ProblemException(
                    ProblemType.CONTENT_TOO_LARGE, "The body of this call has " + mostBytes + " bytes at most.");
        }
        ObjectNode object = JsonObjects.parse(body, "the body");
        for (String name : object.propertyNames()) {
            requireKnown(name, name, known);
        }
        return new BodyFields(object);
    }

    /**
     * Refuses a body that says it is something else than JSON as it is. What {@code curl -d} calls a body if nobody says otherwise, a form, passes.
     *
     * @throws ProblemException {@link ProblemType#MEDIA_TYPE_UNSUPPORTED}
     */
    public static void requireJson(HttpServletRequest request) {
        String type = request.getContentType();
        if (type != null && !JSON.matcher(type).lookingAt()) {
            throw new ProblemException(
                            ProblemType.MEDIA_TYPE_UNSUPPORTED, "The body of this call can't be " + type + ".")
                    .with("hint", "send JSON, as application/json");
        }
        String encoding = request.getHeader("Content-Encoding");
        if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
            throw new ProblemException(
                            ProblemType.MEDIA_TYPE_UNSUPPORTED,
                            "The Content-Encoding of this call's body can't be " + encoding + ".")
                    .with("hint", "send it as it is");
        }
    }

    /** Whether the field is there, be it null. */
    public boolean has(String name) {
        return object.has(name);
    }

    /** The text of a field, or null if it is not there or null. */
    public @Nullable String text(String name) {
        JsonNode value = object.get(name);
        if (value == null || value.isNull()) {
            return null;
        }
        if (!value.isString()) {
            throw invalid(name, "The field " + name + " must be a text.", null);
        }
        return value.stringValue();
    }

    /**
     * The text of a field that has to be there, on one line.
     *
     * @param most how many characters it may have
     * @param hint what it is for, for those who forgot it
     */
    public String line(String name, int most, String hint) {
        String text = text(name);
        if (text == null) {
            throw invalid(name, "The field " + name + " is missing.", hint);
        }
        return checkedLine(name, text, most);
    }

    /** The text of a field that may be absent or null, on one line. */
    public @Nullable String lineOrNull(String name, int most) {
        String text = text(name);
        return text == null ? null : checkedLine(name, text, most);
    }

    private static String checkedLine(String name, String text, int most) {
        boolean clean = text.codePoints()
                .noneMatch(c -> Character.isISOControl(c) || Character.getType(c) == Character.SURROGATE);
        if (text.isBlank() || text.length() > most || !clean) {
            throw invalid(
                    name,
                    "The field " + name + " must have 1 to " + most
                            + " characters, and none of them may be a control character.",
                    null);
        }
        return text;
    }

    /** Whether a field is true, or null if it is not there or null. */
    public @Nullable Boolean flag(String name) {
        JsonNode value = object.get(name);
        if (value == null || value.isNull()) {
            return null;
        }
        if (!value.isBoolean()) {
            throw invalid(name, "The field " + name + " must be true or false.", null);
        }
        return value.booleanValue();
    }

    /** The texts of a list, or null if it is not there or null. */
    public @Nullable List<String> list(String name) {
        JsonNode value = object.get(name);
        if (value == null || value.isNull()) {
            return null;
        }
        List<String> texts = new ArrayList<>();
        for (JsonNode element : value) {
            if (element.isString()) {
                texts.add(element.stringValue());
            }
        }
        if (!value.isArray() || texts.size() < value.size()) {
            throw invalid(name, "The field " + name + " must be a list of texts.", null);
        }
        return texts;
    }

    /** The texts of an object; empty if it is not there. */
    public Map<String, String> texts(String name) {
        JsonNode value = object.get(name);
        Map<String, String> texts = new LinkedHashMap<>();
        if (value == null || value.isNull()) {
            return texts;
        }
        if (!(value instanceof ObjectNode pairs)) {
            throw invalid(name, "The field " + name + " must be an object of texts.", null);
        }
        pairs.properties().forEach(pair -> {
            if (!pair.getValue().isString()) {
                throw invalid(name + "." + pair.getKey(), "The field " + name + " must be an object of texts.", null);
            }
            texts.put(pair.getKey(), pair.getValue().stringValue());
        });
        return texts;
    }

    /**
     * The whole numbers of an object, 1 at least, and nothing where there is null; of an object that is null, nothing for all names.
     *
     * @param known the names that it may have
     * @return empty if it is not there
     */
    public Map<String, OptionalLong> wholeNumbers(String name, List<String> known) {
        JsonNode value = object.get(name);
        Map<String, OptionalLong> numbers = new LinkedHashMap<>();
        if (value == null) {
            return numbers;
        }
        if (value.isNull()) {
            known.forEach(each -> numbers.put(each, OptionalLong.empty()));
            return numbers;
        }
        if (!(value instanceof ObjectNode members)) {
            throw invalid(name, "The field " + name + " must be an object of whole numbers.", null);
        }
        members.properties().forEach(member -> {
            requireKnown(member.getKey(), name + "." + member.getKey(), known);
            numbers.put(member.getKey(), wholeNumber(name + "." + member.getKey(), member.getValue()));
        });
        return numbers;
    }

    private static OptionalLong wholeNumber(String name, JsonNode value) {
        if (value.isNull()) {
            return OptionalLong.empty();
        }
        if (!value.isIntegralNumber() || !value.canConvertToLong() || value.longValue() < 1) {
            throw invalid(name, "The field " + name + " must be a whole number, 1 at least.", "null for the default");
        }
        return OptionalLong.of(value.longValue());
    }

    /**
     * The texts of an array.
     *
     * @param most how many there may be
     * @param mostCharacters how long each may be; none is empty
     * @return null if the field is not there or null
     */
    public @Nullable List<String> textList(String name, int most, int mostCharacters) {
        JsonNode value = object.get(name);
        if (value == null || value.isNull()) {
            return null;
        }
        if (!value.isArray() || value.size() > most) {
            throw invalid(name, "The field " + name + " must be an array of at most " + most + " texts.", null);
        }
        List<String> texts = new ArrayList<>();
        for (JsonNode element : value) {
            if (!element.isString()) {
                throw invalid(name, "The field " + name + " must be an array of texts.", null);
            }
            texts.add(checkedLine(name, element.stringValue(), mostCharacters));
        }
        return texts;
    }

    private static void requireKnown(String name, String shown, List<String> known) {
        if (!known.contains(name)) {
            UnknownName unknown = UnknownName.of("field", name, known);
            throw new ProblemException(ProblemType.PARAMETER_UNKNOWN, unknown.message())
                    .with("parameter", shown)
                    .with("hint", unknown.hint());
        }
    }

    /** The problem of a field's value. */
    public static ProblemException invalid(String field, String detail, @Nullable String hint) {
        return new ProblemException(ProblemType.PARAMETER_INVALID, detail)
                .with("parameter", field)
                .with("hint", hint);
    }
}
