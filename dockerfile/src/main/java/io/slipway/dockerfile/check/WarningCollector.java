package io.slipway.dockerfile.check;

import io.slipway.dockerfile.directive.CheckOptions;
import io.slipway.dockerfile.instruction.Origin;
import io.slipway.dockerfile.source.InvalidValueException;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Collects warnings, leaving out those that the Dockerfile or a comment above the instruction skips. Not thread-safe. */
final class WarningCollector {

    private static final Pattern COMMENT = Pattern.compile("(?i)check\\s*=\\s*(.+)");

    private final CheckOptions options;
    private final NavigableSet<Warning> warnings = new TreeSet<>();

    WarningCollector(CheckOptions options) {
        this.options = options;
    }

    void warn(Rule rule, Origin origin, String message) {
        warn(rule, origin, origin.range().line(), message);
    }

    void warn(Rule rule, Origin origin, int line, String message) {
        if (!skips(options, rule) && origin.comments().stream().noneMatch(comment -> commentSkips(comment, rule))) {
            warnings.add(new Warning(line, rule, message));
        }
    }

    List<Warning> warnings() {
        return List.copyOf(warnings);
    }

    /** Whether a comment holds options of checks, and so describes nothing. */
    static boolean isOptions(String comment) {
        return COMMENT.matcher(comment).matches();
    }

    private static boolean skips(CheckOptions options, Rule rule) {
        boolean dormant = rule.isExperimental()
                && !options.allExperimental()
                && !options.experimental().contains(rule.label());
        return dormant || options.skipsAll() || options.skipped().contains(rule.label());
    }

    private static boolean commentSkips(String comment, Rule rule) {
        Matcher matcher = COMMENT.matcher(comment);
        if (!matcher.matches()) {
            return false;
        }
        try {
            CheckOptions options = CheckOptions.parse(matcher.group(1));
            return options.skipsAll() || options.skipped().contains(rule.label());
        } catch (InvalidValueException e) {
            // Prose that happens to start like options.
            return false;
        }
    }
}
