package io.slipway.api.html;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Makes HTML of texts. */
public final class Html {
    private static final Pattern CODE = Pattern.compile("`([^`]+)`");

    private Html() {}

    /** A text as it is. */
    public static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }

    /** A text of one paragraph with {@code `code`} in it. */
    public static String line(String text) {
        String escaped = escape(text.strip());
        return CODE.matcher(escaped).replaceAll(code -> Matcher.quoteReplacement("<code>" + code.group(1) + "</code>"));
    }

    /** Paragraphs and lists, as Markdown has them, with {@code `code`} in them. */
    public static String prose(String text) {
        StringBuilder html = new StringBuilder();
        for (String paragraph : text.strip().split("\n\\s*\n")) {
            if (paragraph.isBlank()) {
                continue;
            }
            if (paragraph.startsWith("- ")) {
                html.append("<ul>");
                items(paragraph)
                        .forEach(item -> html.append("<li>").append(line(item)).append("</li>"));
                html.append("</ul>\n");
            } else {
                html.append("<p>").append(line(paragraph)).append("</p>\n");
            }
        }
        return html.toString();
    }

    private static List<String> items(String paragraph) {
        List<String> items = new ArrayList<>();
        for (String line : paragraph.split("\n")) {
            if (line.startsWith("- ")) {
                items.add(line.substring(2));
            } else {
                items.add(items.removeLast() + " " + line.strip());
            }
        }
        return items;
    }

    /** A link to a place of the same page. */
    public static String link(String anchor, String text) {
        return "<a href=\"#" + escape(anchor) + "\">" + escape(text) + "</a>";
    }

    /** What an anchor of the page is called that stands for a name. */
    public static String anchor(String kind, String name) {
        return kind + "-" + name.replaceAll("[^A-Za-z0-9._-]", "-").toLowerCase(Locale.ROOT);
    }
}
