package io.slipway.api.reference;

import io.slipway.api.html.Html;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The part of the page about one call. */
final class OperationSection {
    private final String method;
    private final String path;
    private final Node shared;
    private final Node operation;
    private final boolean open;

    /**
     * @param method as in the description, such as {@code get}
     * @param path with its parameters in braces
     * @param shared what all calls of the path have in common
     * @param operation the call
     */
    OperationSection(String method, String path, Node shared, Node operation) {
        this.method = method.toUpperCase(Locale.ROOT);
        this.path = path;
        this.shared = shared;
        this.operation = operation;
        this.open = operation.get("security").exists()
                && operation.get("security").elements().isEmpty();
    }

    String anchor() {
        return Html.anchor("call", operation.get("operationId").text());
    }

    /** Its line in the table of contents. */
    String entry() {
        return "<li><a href=\"#" + anchor() + "\"><b>" + method + "</b> " + Html.escape(path) + "</a> "
                + Html.line(operation.get("summary").text()) + "</li>\n";
    }

    String html() {
        StringBuilder html = new StringBuilder();
        html.append("<article id=\"")
                .append(anchor())
                .append("\">\n<h3><b>")
                .append(method)
                .append("</b> <code>")
                .append(Html.escape(path))
                .append("</code></h3>\n<p><strong>")
                .append(Html.line(operation.get("summary").text()))
                .append("</strong>")
                .append(needs())
                .append("</p>\n")
                .append(Html.prose(operation.get("description").text()));
        parameters(html);
        body(html);
        responses(html);
        return html.append("</article>\n").toString();
    }

    private String needs() {
        String role = operation.get("x-role").text();
        if (!role.isEmpty()) {
            return " <span class=\"role\">needs the role " + Html.escape(role) + "</span>";
        }
        return open ? " <span class=\"role\">needs no token</span>" : "";
    }

    private void parameters(StringBuilder html) {
        List<Node> parameters = new ArrayList<>(shared.get("parameters").elements());
        parameters.addAll(operation.get("parameters").elements());
        if (parameters.isEmpty()) {
            return;
        }
        html.append("<table><tr><th>Parameter</th><th>In</th><th>Type</th><th>What</th></tr>\n");
        for (Node reference : parameters) {
            Node parameter = reference.followed();
            Node schema = parameter.get("schema");
            String description = parameter.get("description").exists()
                    ? Html.line(parameter.get("description").text())
                    : SchemaText.description(schema);
            row(
                    html,
                    "<code>" + Html.escape(parameter.get("name").text()) + "</code>",
                    Html.escape(parameter.get("in").text()),
                    SchemaText.type(schema),
                    description + bounds(schema));
        }
        html.append("</table>\n");
    }

    static String bounds(Node schema) {
        String bounds = SchemaText.bounds(schema);
        return bounds.isEmpty() ? "" : " <small>" + bounds + "</small>";
    }

    static void row(StringBuilder html, String... cells) {
        html.append("<tr>");
        for (String cell : cells) {
            html.append("<td>").append(cell).append("</td>");
        }
        html.append("</tr>\n");
    }

    private void body(StringBuilder html) {
        Node content = operation.get("requestBody").followed().get("content");
        if (!content.exists()) {
            return;
        }
        html.append("<h4>Body</h4>\n");
        content(html, content);
    }

    private static void content(StringBuilder html, Node content) {
        content.forEach((type, media) -> {
            Node schema = media.get("schema");
            html.append("<p><code>").append(Html.escape(type)).append("</code>");
            if (schema.exists() && !SchemaText.type(schema).equals("any")) {
                html.append(": ").append(SchemaText.type(schema));
            }
            String description = SchemaText.description(schema);
            if (!description.isEmpty() && schema.reference().isEmpty()) {
                html.append(". ").append(description);
            }
            html.append("</p>\n");
            if (schema.reference().isEmpty()) {
                SchemaSection.members(html, schema);
            }
            Examples.of(media).forEach((name, example) -> example(html, name, example));
        });
    }

    /** An example, folded. */
    static void example(StringBuilder html, String name, String example) {
        html.append("<details><summary>")
                .append(Html.line(name))
                .append("</summary><pre>")
                .append(Html.escape(example))
                .append("</pre></details>\n");
    }

    private void responses(StringBuilder html) {
        html.append("<h4>Answers</h4>\n<dl>\n");
        operation.get("responses").forEach((status, reference) -> {
            Node response = reference.followed();
            html.append("<dt>")
                    .append(Html.escape(status))
                    .append("</dt>\n<dd>")
                    .append(Html.line(response.get("description").text()));
            response.get("headers")
                    .forEach((name, header) -> html.append("<br><code>")
                            .append(Html.escape(name))
                            .append("</code>: ")
                            .append(Html.line(
                                    header.followed().get("description").text())));
            if (status.startsWith("2")) {
                content(html, response.get("content"));
            }
            html.append("</dd>\n");
        });
        html.append("</dl>\n");
    }
}
