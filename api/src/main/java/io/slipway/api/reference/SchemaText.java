package io.slipway.api.reference;

import io.slipway.api.html.Html;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Says in HTML what a schema allows. */
final class SchemaText {
    private static final String SCHEMAS = "#/components/schemas/";

    private SchemaText() {}

    /** Its type in a few words; of a schema with a name a link to it. */
    static String type(Node schema) {
        String reference = schema.reference();
        if (reference.startsWith(SCHEMAS)
                && !reference.substring(SCHEMAS.length()).contains("/")) {
            String name = reference.substring(SCHEMAS.length());
            return Html.link(Html.anchor("schema", name), name);
        }
        Node there = schema.followed();
        for (String kind : List.of("anyOf", "oneOf", "allOf")) {
            List<Node> parts = there.get(kind).elements();
            if (!parts.isEmpty()) {
                return parts.stream()
                        .map(SchemaText::type)
                        .distinct()
                        .collect(Collectors.joining(kind.equals("allOf") ? " and " : " or "));
            }
        }
        if (there.get("items").exists()) {
            return "array of " + type(there.get("items"));
        }
        if (there.get("const").exists()) {
            return "<code>" + Html.escape(there.get("const").text()) + "</code>";
        }
        if (there.get("enum").exists()) {
            return there.get("enum").elements().stream()
                    .map(value -> "<code>" + Html.escape(value.text()) + "</code>")
                    .collect(Collectors.joining(", "));
        }
        Node type = there.get("type");
        String named = type.elements().isEmpty()
                ? type.text()
                : type.elements().stream().map(Node::text).collect(Collectors.joining(" or "));
        String format = there.get("format").text();
        String words = named.isEmpty() ? "any" : named;
        if (words.equals("object")
                && there.get("additionalProperties").get("type").exists()) {
            words = "object of " + there.get("additionalProperties").get("type").text() + "s";
        }
        return Html.escape(format.isEmpty() ? words : words + " (" + format + ")");
    }

    /** What its values are held to beside their type, and its default; empty if there is nothing. */
    static String bounds(Node schema) {
        Node there = schema.followed();
        List<String> bounds = new ArrayList<>();
        range(bounds, there.get("minimum").text(), there.get("maximum").text(), "");
        range(bounds, there.get("minLength").text(), there.get("maxLength").text(), " characters");
        range(bounds, there.get("minItems").text(), there.get("maxItems").text(), " elements");
        range(
                bounds,
                there.get("minProperties").text(),
                there.get("maxProperties").text(),
                " members");
        if (there.get("pattern").exists()) {
            bounds.add("pattern <code>" + Html.escape(there.get("pattern").text()) + "</code>");
        }
        Node fallback = there.get("default");
        if (fallback.exists()) {
            bounds.add("default <code>" + Html.escape(String.valueOf(fallback.value())) + "</code>");
        }
        return String.join("; ", bounds);
    }

    private static void range(List<String> bounds, String least, String most, String what) {
        if (!least.isEmpty() && !most.isEmpty()) {
            bounds.add(least + " to " + most + what);
        } else if (!least.isEmpty()) {
            bounds.add("at least " + least + what);
        } else if (!most.isEmpty()) {
            bounds.add("at most " + most + what);
        }
    }

    /** Its description, its own where it refers to another one, as HTML of one paragraph. */
    static String description(Node schema) {
        String own = schema.get("description").text();
        return Html.line(own.isEmpty() ? schema.followed().get("description").text() : own);
    }
}
