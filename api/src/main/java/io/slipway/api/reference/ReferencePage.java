package io.slipway.api.reference;

import io.slipway.api.html.Html;
import io.slipway.api.html.Page;
import io.slipway.api.problem.ProblemType;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Makes the page at {@code /docs} of the description: one document in HTML without scripts, whose only link to elsewhere is to the description itself. */
final class ReferencePage {
    private static final Set<String> METHODS = Set.of("get", "put", "post", "delete", "patch");

    private ReferencePage() {}

    /** The page of a description. */
    static String of(Node description) {
        StringBuilder contents = new StringBuilder();
        StringBuilder calls = new StringBuilder();
        for (Node tag : description.get("tags").elements()) {
            String name = tag.get("name").text();
            List<OperationSection> sections = sections(description, name);
            String title = "<h2 id=\"" + Html.anchor("tag", name) + "\">" + Html.escape(name) + "</h2>\n<p>"
                    + Html.line(tag.get("description").text()) + "</p>\n";
            contents.append("<h4>")
                    .append(Html.link(Html.anchor("tag", name), name))
                    .append("</h4>\n<ul>\n");
            calls.append(title);
            for (OperationSection section : sections) {
                contents.append(section.entry());
                calls.append(section.html());
            }
            contents.append("</ul>\n");
        }
        StringBuilder messages = new StringBuilder();
        description
                .get("webhooks")
                .forEach((name, path) -> path.forEach((method, operation) -> {
                    if (METHODS.contains(method)) {
                        messages.append(new OperationSection(method, name, path, operation).html());
                    }
                }));
        StringBuilder schemas = new StringBuilder();
        description
                .get("components")
                .get("schemas")
                .forEach((name, schema) -> schemas.append(SchemaSection.html(name, schema)));
        Node info = description.get("info");
        String title = info.get("title").text() + " API " + info.get("version").text();
        return Page.of(
                title,
                "<h1>" + Html.escape(title) + "</h1>\n<p>"
                        + Html.line(info.get("summary").text()) + "</p>\n"
                        + Html.prose(info.get("description").text())
                        + "<p>The same for programs: <a href=\"/openapi.yaml\">openapi.yaml</a> (OpenAPI "
                        + Html.escape(description.get("openapi").text()) + ").</p>\n"
                        + "<h2>Contents</h2>\n" + contents
                        + "<h4>Further</h4>\n<ul><li>" + Html.link("messages", "What is sent to webhooks") + "</li><li>"
                        + Html.link("problems", "Problems") + "</li><li>"
                        + Html.link("schemas", "Documents") + "</li></ul>\n" + calls
                        + "<h2 id=\"messages\">What is sent to webhooks</h2>\n" + messages
                        + "<h2 id=\"problems\">Problems</h2>\n" + problems()
                        + "<h2 id=\"schemas\">Documents</h2>\n" + schemas);
    }

    private static List<OperationSection> sections(Node description, String tag) {
        List<OperationSection> sections = new ArrayList<>();
        description
                .get("paths")
                .forEach((path, item) -> item.forEach((method, operation) -> {
                    if (METHODS.contains(method)
                            && operation
                                    .get("tags")
                                    .elements()
                                    .getFirst()
                                    .text()
                                    .equals(tag)) {
                        sections.add(new OperationSection(method, path, item, operation));
                    }
                }));
        return sections;
    }

    private static String problems() {
        StringBuilder html = new StringBuilder("<table><tr><th>Type</th><th>Status</th><th>What to do</th></tr>\n");
        for (ProblemType type : ProblemType.values()) {
            OperationSection.row(
                    html,
                    "<a href=\"/problems/" + type.slug() + "\"><code>" + type.slug() + "</code></a>",
                    String.valueOf(type.status().value()),
                    Html.line(type.title() + ". " + type.explanation()));
        }
        return html.append("</table>\n").toString();
    }
}
