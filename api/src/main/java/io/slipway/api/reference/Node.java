package io.slipway.api.reference;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/**
 * A place in the description. What is not there is a place, too, with nothing in it. Immutable.
 *
 * @param document the whole description
 * @param value a map, a list, a scalar, or null
 */
record Node(@Nullable Object document, @Nullable Object value) {
    /** The description in {@code yaml}. */
    static Node parse(String yaml) {
        LoaderOptions options = new LoaderOptions();
        options.setCodePointLimit(yaml.length() + 1);
        Object document = new Yaml(new SafeConstructor(options)).load(yaml);
        return new Node(document, document);
    }

    /** The member of a map. */
    Node get(String name) {
        return new Node(document, value instanceof Map<?, ?> map ? map.get(name) : null);
    }

    /** The members of a map, in their order. */
    void forEach(BiConsumer<String, Node> action) {
        if (value instanceof Map<?, ?> map) {
            map.forEach((name, member) -> action.accept(String.valueOf(name), new Node(document, member)));
        }
    }

    /** The names of a map's members. */
    Set<?> names() {
        return value instanceof Map<?, ?> map ? map.keySet() : Set.of();
    }

    /** The elements of a list. */
    List<Node> elements() {
        return value instanceof List<?> list
                ? list.stream().map(element -> new Node(document, element)).toList()
                : List.of();
    }

    /** Whether there is something. */
    boolean exists() {
        return value != null;
    }

    /** A scalar as text, or an empty text. */
    String text() {
        return value == null || value instanceof Map || value instanceof List ? "" : String.valueOf(value);
    }

    /** Where a reference leads, {@code #/…}, or an empty text. */
    String reference() {
        return get("$ref").text();
    }

    /** What a reference leads to, or this place. */
    Node followed() {
        String reference = reference();
        if (reference.isEmpty()) {
            return this;
        }
        Node place = new Node(document, document);
        for (String name : reference.substring("#/".length()).split("/")) {
            place = place.step(name.replace("~1", "/").replace("~0", "~"));
        }
        return place.followed();
    }

    private Node step(String name) {
        return value instanceof List<?> list ? new Node(document, list.get(Integer.parseInt(name))) : get(name);
    }
}
