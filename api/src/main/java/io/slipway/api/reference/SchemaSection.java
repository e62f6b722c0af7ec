package io.slipway.api.reference;

import io.slipway.api.html.Html;
import java.util.stream.Collectors;

/** The part of the page about one kind of document. */
final class SchemaSection {
    private SchemaSection() {}

    static String html(String name, Node schema) {
        StringBuilder html = new StringBuilder();
        html.append("<article id=\"")
                .append(Html.anchor("schema", name))
                .append("\">\n<h3>")
                .append(Html.escape(name))
                .append("</h3>\n")
                .append(Html.prose(schema.get("description").text()));
        if (!schema.get("properties").exists()) {
            html.append("<p>")
                    .append(SchemaText.type(schema))
                    .append(OperationSection.bounds(schema))
                    .append("</p>\n");
        }
        members(html, schema);
        Examples.ofSchema(schema)
                .filter(example -> !example.names().isEmpty())
                .map(example ->
                        new Node(null, java.util.Map.of("example", java.util.Objects.requireNonNull(example.value()))))
                .ifPresent(media ->
                        Examples.of(media).forEach((title, example) -> OperationSection.example(html, title, example)));
        return html.append("</article>\n").toString();
    }

    /** A table of an object's members, if it has any; those of an element, if it is an array of such. */
    static void members(StringBuilder html, Node schema) {
        Node properties = schema.get("properties");
        if (!properties.exists()) {
            return;
        }
        var required =
                schema.get("required").elements().stream().map(Node::text).collect(Collectors.toSet());
        html.append("<table><tr><th>Member</th><th>Type</th><th>What</th></tr>\n");
        properties.forEach((name, member) -> {
            StringBuilder within = new StringBuilder(SchemaText.description(member) + OperationSection.bounds(member));
            if (member.reference().isEmpty()) {
                members(
                        within,
                        member.get("items").exists()
                                        && member.get("items").reference().isEmpty()
                                ? member.get("items")
                                : member);
            }
            OperationSection.row(
                    html,
                    "<code>" + Html.escape(name) + "</code>"
                            + (required.contains(name) ? "" : " <small>optional</small>"),
                    SchemaText.type(member),
                    within.toString());
        });
        html.append("</table>\n");
    }
}
