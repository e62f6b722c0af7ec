package io.slipway.api.build;

import io.slipway.api.html.Html;
import io.slipway.api.html.Page;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A build as HTML: how it ended and what to do about it first, then its steps. */
final class BuildPage {
    /** How many parts of the context are named. */
    private static final int MOST_PARTS = 3;

    private BuildPage() {}

    static String of(BuildResource build) {
        String title = "Build " + build.id() + ": " + build.state();
        StringBuilder html =
                new StringBuilder("<h1>").append(Html.escape(title)).append("</h1>\n");
        error(html, build.error());
        html.append("<dl>\n");
        term(html, "Project", build.project());
        term(html, "Waits", build.reason());
        term(html, "Submitted", time(build.createdAt()));
        term(html, "Started", time(build.startedAt()));
        term(html, "Ended", time(build.finishedAt()));
        term(html, "Took", build.durationMillis() == null ? null : seconds(build.durationMillis()));
        cause(html, build.cause());
        context(html, build.context());
        codes(html, "Image", build.digest() == null ? List.of() : List.of(build.digest()));
        term(html, "Size", build.imageBytes() == null ? null : bytes(build.imageBytes()));
        codes(html, "Pushed as", build.images());
        codes(html, "Pull from here", build.pullName() == null ? List.of() : List.of(build.pullName()));
        html.append("</dl>\n<p><a href=\"/v1/builds/")
                .append(build.id())
                .append("/logs\">Log</a>, <a href=\"/v1/builds/")
                .append(build.id())
                .append("\">JSON</a></p>\n");
        warnings(html, build.warnings());
        steps(html, build.steps());
        return Page.of(title, html.toString());
    }

    private static void error(StringBuilder html, BuildResource.@Nullable ErrorInfo error) {
        if (error == null) {
            return;
        }
        html.append("<p><b>").append(Html.escape(error.message())).append("</b> (<code>");
        html.append(Html.escape(error.code())).append("</code>)</p>\n");
        if (error.instruction() != null) {
            html.append("<pre>");
            html.append(error.line() == null ? "" : "line " + error.line() + ": ");
            html.append(Html.escape(error.instruction())).append("</pre>\n");
        }
        if (error.hint() != null) {
            html.append("<p>").append(Html.escape(error.hint())).append("</p>\n");
        }
    }

    private static void cause(StringBuilder html, BuildResource.@Nullable Cause cause) {
        if (cause != null) {
            codes(html, "Of", List.of(cause.ref(), cause.commit()));
        }
    }

    private static void context(StringBuilder html, BuildResource.Context context) {
        Integer files = context.files();
        term(html, "Context", bytes(context.bytes()) + (files == null ? "" : " in " + files + " files"));
        List<ContextContent.Part> largest = context.largest();
        if (largest != null) {
            codes(
                    html,
                    "Most of it",
                    largest.stream()
                            .limit(MOST_PARTS)
                            .map(part -> part.path() + " (" + bytes(part.bytes()) + ")")
                            .toList());
        }
    }

    private static void term(StringBuilder html, String name, @Nullable String value) {
        if (value != null) {
            html.append("<dt>")
                    .append(name)
                    .append("</dt><dd>")
                    .append(Html.escape(value))
                    .append("</dd>\n");
        }
    }

    private static void codes(StringBuilder html, String name, List<String> values) {
        if (!values.isEmpty()) {
            html.append("<dt>").append(name).append("</dt>");
            values.forEach(value ->
                    html.append("<dd><code>").append(Html.escape(value)).append("</code></dd>"));
            html.append('\n');
        }
    }

    private static void warnings(StringBuilder html, List<BuildResource.Warning> warnings) {
        if (warnings.isEmpty()) {
            return;
        }
        html.append("<h2>Warnings</h2>\n<ul>\n");
        for (BuildResource.Warning warning : warnings) {
            html.append("<li>").append(warning.line() == null ? "" : "line " + warning.line() + ": ");
            html.append(Html.escape(warning.message()))
                    .append(" (")
                    .append(Html.escape(warning.rule()))
                    .append(")</li>\n");
        }
        html.append("</ul>\n");
    }

    private static void steps(StringBuilder html, List<BuildResource.Step> steps) {
        if (steps.isEmpty()) {
            return;
        }
        html.append("<h2>Steps</h2>\n<table>\n<tr><th>Step</th><th>Instruction</th><th>State</th><th>Took</th></tr>\n");
        for (BuildResource.Step step : steps) {
            html.append("<tr><td>").append(Html.escape(step.name())).append("</td><td><code>");
            html.append(Html.escape(step.instruction())).append("</code></td><td>");
            html.append(Html.escape(step.state())).append("</td><td>");
            html.append(step.durationMillis() == null ? "" : seconds(step.durationMillis()))
                    .append("</td></tr>\n");
        }
        html.append("</table>\n");
    }

    private static @Nullable String time(@Nullable Instant time) {
        return time == null ? null : time.toString();
    }

    private static String seconds(long millis) {
        return String.format(Locale.ROOT, "%.1f s", millis / 1000.0);
    }

    private static String bytes(long bytes) {
        return bytes < 1_000_000
                ? String.format(Locale.ROOT, "%.1f kB", bytes / 1e3)
                : String.format(Locale.ROOT, "%.1f MB", bytes / 1e6);
    }
}
