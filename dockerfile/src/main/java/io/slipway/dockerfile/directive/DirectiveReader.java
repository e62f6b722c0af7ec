package io.slipway.dockerfile.directive;

import io.slipway.dockerfile.source.Blanks;
import io.slipway.dockerfile.source.DockerfileException;
import io.slipway.dockerfile.source.InvalidValueException;
import io.slipway.dockerfile.source.Lines;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the parser directives from the top of a Dockerfile: comments of the form {@code # key=value} before any other line. */
public final class DirectiveReader {

    private static final Pattern DIRECTIVE = Pattern.compile("([a-zA-Z][a-zA-Z0-9]*)\\s*=\\s*(.+)");
    private static final Pattern JSON_SYNTAX =
            Pattern.compile("\\A\\s*\\{[^{}]*\"syntax\"\\s*:\\s*\"([^\"\\\\]+)\"[^{}]*}\\s*\\z");
    private static final int LONGEST_JSON = 10_000;
    private static final Set<String> KEYS = Set.of("syntax", "escape", "check");

    /** Frontends whose language this is, at any tag or digest. */
    private static final Pattern STANDARD_FRONTEND = Pattern.compile(
            "(?:(?:index\\.|registry-1\\.)?docker\\.io/)?docker/dockerfile(?:-upstream)?(?::[\\w.-]+)?(?:@sha256:[0-9a-f]{64})?"
                    + "|dockerfile\\.v0");

    private DirectiveReader() {}

    /**
     * Reads the directives.
     *
     * @param lines the lines of the file, without a byte order mark; none of them is taken
     * @throws DockerfileException if one is repeated or has a value that it cannot have
     */
    public static Directives read(Lines lines) {
        // As in the reference, blanks may stand before # escape= only: with them the others are comments.
        Found escape = readLines(lines.copy(), "#", true).get("escape");
        Map<String, Found> found = readLines(lines.copy(), "#", false);
        Lines below = lines.copy();
        if (below.hasNext() && below.copy().next().startsWith("#!")) {
            below.next();
            found.putAll(readLines(below.copy(), "#", false));
        }
        Found syntax = syntax(below, found);
        if (syntax != null) {
            requireStandardFrontend(syntax.value(), syntax.line());
        }
        Found check = found.get("check");
        try {
            return new Directives(
                    syntax == null ? null : syntax.value(),
                    escape == null ? '\\' : escape.value().charAt(0),
                    check == null ? CheckOptions.NONE : CheckOptions.parse(check.value()));
        } catch (InvalidValueException e) {
            throw DockerfileException.atLine(check == null ? 0 : check.line(), e.message(), e.hint());
        }
    }

    /**
     * A directive's value.
     *
     * @param line where it stands, from 1
     */
    private record Found(String value, int line) {}

    /** Takes the lines that are directives. */
    public static void skip(Lines lines) {
        Lines ahead = lines.copy();
        while (ahead.hasNext() && directive(ahead.next(), "#", true) != null) {
            lines.next();
        }
    }

    /**
     * Refuses a frontend whose language this is not.
     *
     * @param syntax an image reference, from {@code # syntax=} or the build argument {@code BUILDKIT_SYNTAX}
     */
    public static void requireStandardFrontend(String syntax) {
        requireStandardFrontend(syntax, 0);
    }

    private static void requireStandardFrontend(String syntax, int line) {
        String reference = syntax.strip().split("\\s", 2)[0];
        if (STANDARD_FRONTEND.matcher(reference).matches()) {
            return;
        }
        if (STANDARD_FRONTEND.matcher(reference.split("@", 2)[0]).matches()) {
            throw DockerfileException.atLine(
                    line,
                    "the digest of the frontend " + reference + " is malformed",
                    "leave it out: Slipway has the language of " + Directives.BUILT_IN + " built in");
        }
        throw DockerfileException.atLine(
                line,
                "the frontend " + reference + " is not supported: Slipway builds the language of docker/dockerfile",
                "remove the syntax directive, or use # syntax=docker/dockerfile:1");
    }

    private static Map<String, Found> readLines(Lines lines, String comment, boolean indented) {
        Map<String, Found> found = new HashMap<>();
        while (lines.hasNext()) {
            Matcher directive = directive(lines.next(), comment, indented);
            if (directive == null) {
                break;
            }
            int line = lines.number();
            String key = directive.group(1).toLowerCase(Locale.ROOT);
            String value = directive.group(2);
            // The reference frontend points at the line before.
            if (found.putIfAbsent(key, new Found(value, line)) != null) {
                throw DockerfileException.atLine(
                        line - 1,
                        "the " + key + " directive is repeated on line " + line + "; it can stand once",
                        null);
            }
            if (key.equals("escape") && !value.equals("\\") && !value.equals("`")) {
                throw DockerfileException.atLine(
                        line, "the escape character " + value + " is not allowed", "# escape= takes \\ or `");
            }
        }
        return found;
    }

    @Nullable
    private static Matcher directive(String line, String comment, boolean indented) {
        String stripped = indented ? Blanks.trimStart(line) : line;
        if (!stripped.startsWith(comment)) {
            return null;
        }
        Matcher matcher = DIRECTIVE.matcher(Blanks.trim(stripped.substring(comment.length())));
        return matcher.matches() && KEYS.contains(matcher.group(1).toLowerCase(Locale.ROOT)) ? matcher : null;
    }

    /**
     * The syntax may also stand in a {@code //} comment, or in a JSON object.
     *
     * @param lines without a {@code #!} line
     */
    @Nullable
    private static Found syntax(Lines lines, Map<String, Found> found) {
        Found syntax = found.get("syntax");
        if (syntax != null) {
            return syntax;
        }
        syntax = readLines(lines.copy(), "//", false).get("syntax");
        Lines rest = lines.copy();
        if (syntax == null
                && rest.hasNext()
                && rest.copy().next().stripLeading().startsWith("{")) {
            String whole = rest.rest();
            int line = rest.number() + 1;
            Matcher json = JSON_SYNTAX.matcher(whole);
            syntax = whole.length() <= LONGEST_JSON && json.matches() ? new Found(json.group(1), line) : null;
        }
        return syntax;
    }
}
