package io.slipway.api.reference;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** The examples of bodies. */
final class Examples {
    private static final JsonMapper PRETTY =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private Examples() {}

    /**
     * Those of a media type, by what they are called: its own, or else those of its schema.
     *
     * @param media an object with {@code schema}, and {@code example} or {@code examples}
     */
    static Map<String, String> of(Node media) {
        Map<String, String> found = new LinkedHashMap<>();
        if (media.get("example").exists()) {
            found.put("Example", written(media.get("example")));
        }
        media.get("examples").forEach((name, example) -> {
            String summary = example.get("summary").text();
            found.put(summary.isEmpty() ? "Example" : summary, written(example.get("value")));
        });
        if (found.isEmpty()) {
            ofSchema(media.get("schema")).ifPresent(example -> found.put("Example", written(example)));
        }
        return found;
    }

    /** The first example that a schema brings. */
    static Optional<Node> ofSchema(Node schema) {
        List<Node> examples = schema.followed().get("examples").elements();
        return examples.isEmpty() ? Optional.empty() : Optional.of(examples.getFirst());
    }

    private static String written(Node example) {
        return example.value() instanceof String text ? text : PRETTY.writeValueAsString(example.value());
    }
}
