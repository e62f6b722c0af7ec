package io.slipway.api.problem;

import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.core.exc.UnexpectedEndOfInputException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Reads JSON objects of requests, and says in words what is wrong with those that are none. */
public final class JsonObjects {
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private JsonObjects() {}

    /**
     * The object that {@code json} is.
     *
     * @param what what to call it, such as {@code the body}
     * @throws ProblemException {@link ProblemType#REQUEST_INVALID}, with line and column, if it is none
     */
    public static ObjectNode parse(byte[] json, String what) {
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
        boolean placed = place != null && place.getLineNr() > 0;
        return new ProblemException(
                        ProblemType.REQUEST_INVALID,
                        what + " is not JSON"
                                + (placed ? ", line " + place.getLineNr() + ", column " + place.getColumnNr() : "")
                                + ": " + inWords(e) + ".")
                .with("line", placed ? place.getLineNr() : null)
                .with("column", placed ? place.getColumnNr() : null);
    }

    /** What Jackson says without what only its users understand: names of classes, features and sources. */
    private static String inWords(JacksonException e) {
        if (e instanceof UnexpectedEndOfInputException) {
            return "it ends before its last bracket";
        }
        if (!(e instanceof StreamReadException)) {
            return "something follows after its end";
        }
        String said = e.getOriginalMessage().split(" ?\\(start marker|\\n", 2)[0];
        return said.contains("`") ? "it can't be read" : said;
    }
}
