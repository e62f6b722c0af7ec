package io.slipway.api.problem;

import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.core.exc.UnexpectedEndOfInputException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Reads JSON objects of requests, and says in words what is wrong with those that are none. */
public final class JsonObjects {
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /** Jackson's words for a name that its object has already. */
    private static final Pattern TWICE = Pattern.compile("Duplicate Object property \"(.*)\"", Pattern.DOTALL);

    private static final int SHOWN = 100;

    private JsonObjects() {}

    /**
     * The object that {@code json} is.
     *
     * @param what what to call it, such as {@code the body}
     * @throws ProblemException {@link ProblemType#REQUEST_INVALID}, with line and column, if it is none; or if a text in it is none that can be
     *     stored: it has the character U+0000, or half of a surrogate pair
     */
    public static ObjectNode parse(byte[] json, String what) {
        ObjectNode object = parseAny(json, what);
        requireTexts(object, what);
        return object;
    }

    private static void requireTexts(JsonNode node, String where) {
        if (node.isString()) {
            requireText(node.stringValue(), where);
        }
        node.properties().forEach(member -> {
            requireText(member.getKey(), "the name of a field in " + where);
            requireTexts(member.getValue(), "the field " + shown(member.getKey()));
        });
        if (node.isArray()) {
            node.forEach(element -> requireTexts(element, where));
        }
    }

    private static void requireText(String text, String where) {
        if (!isText(text)) {
            throw new ProblemException(
                            ProblemType.REQUEST_INVALID,
                            where + " has the character U+0000 or half of a surrogate pair: it is no text.")
                    .with("hint", "a secret that is no text is sent as base64");
        }
    }

    /** Whether PostgreSQL can store a text, and UTF-8 say it. */
    public static boolean isText(String text) {
        return text.codePoints().noneMatch(c -> c == 0 || Character.getType(c) == Character.SURROGATE);
    }

    /** The same, whatever its texts have: they come from elsewhere, and not all of them are asked for. */
    public static ObjectNode parseAny(byte[] json, String what) {
        try {
            if (MAPPER.readTree(json) instanceof ObjectNode object) {
                return object;
            }
        } catch (JacksonException e) {
            throw notJson(what, e);
        }
        throw new ProblemException(ProblemType.REQUEST_INVALID, what + " must be a JSON object");
    }

    private static ProblemException notJson(String what, JacksonException e) {
        TokenStreamLocation place = e.getLocation();
        int line = place == null ? 0 : place.getLineNr();
        int column = place == null ? 0 : place.getColumnNr();
        Matcher twice = TWICE.matcher(String.valueOf(e.getOriginalMessage()));
        if (!twice.lookingAt()) {
            return problem(what + " is not JSON", line, column, inWords(e));
        }
        String name = twice.group(1);
        // Jackson points behind the name, at whose opening quotation mark people look.
        int start = Math.max(1, column - name.getBytes(StandardCharsets.UTF_8).length - 2);
        return problem(what, line, start, "the field " + shown(name) + " is there twice");
    }

    private static ProblemException problem(String what, int line, int column, String why) {
        boolean placed = line > 0;
        String at = placed ? ", line " + line + ", column " + column : "";
        return new ProblemException(ProblemType.REQUEST_INVALID, what + at + ": " + why + ".")
                .with("line", placed ? line : null)
                .with("column", placed ? column : null);
    }

    private static String shown(String name) {
        return name.length() <= SHOWN ? name : name.substring(0, SHOWN) + "…";
    }

    /** What Jackson says without what only its users understand: names of classes, features and sources. */
    private static String inWords(JacksonException e) {
        if (e instanceof UnexpectedEndOfInputException) {
            return "it ends before its last bracket";
        }
        if (e instanceof StreamConstraintsException) {
            return "it is nested more than 500 deep, or has a number or a name that is too long";
        }
        if (!(e instanceof StreamReadException)) {
            return "something follows after its end";
        }
        String said = e.getOriginalMessage().split(" ?\\(start marker|\\n", 2)[0];
        return said.contains("`") ? "it can't be read" : said;
    }
}
