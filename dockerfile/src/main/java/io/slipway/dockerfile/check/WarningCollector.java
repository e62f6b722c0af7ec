package io.slipway.dockerfile.check;

import io.slipway.dockerfile.directive.CheckOptions;
import io.slipway.dockerfile.instruction.Origin;
import io.slipway.dockerfile.source.InvalidValueException;
import io.slipway.dockerfile.source.SourceRange;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Collects warnings, leaving out those that the Dockerfile or a comment above the instruction skips. Not thread-safe. */
final class WarningCollector {

    /** More are not told: nobody reads them, and there may be one for every word of a large file. */
    private static final int MOST_WARNINGS = 1_000;

    private static final int LONGEST_MESSAGE = 1_000;
    private static final Pattern COMMENT = Pattern.compile("(?i)check\\s*=\\s*(.+)");

    private final CheckOptions options;
    private final NavigableSet<Warning> warnings = new TreeSet<>();

    @Nullable
    private Origin commented;

    private List<CheckOptions> skippedByComments = List.of();

    WarningCollector(CheckOptions options) {
        this.options = options;
    }

    void warn(Rule rule, Origin origin, String message) {
        SourceRange range = origin.range();
        add(origin, new Warning(range.line(), range.column(), range.endLine(), rule, shortened(message)));
    }

    /** Is about no line, but about what the build was given. */
    void warnOfRequest(Rule rule, String message) {
        if (!isFull() && !skips(options, rule)) {
            warnings.add(new Warning(0, 0, 0, rule, shortened(message)));
        }
    }

    /** Says which rules comments above an instruction name that there are not. */
    void warnOfUnknownRules(Origin origin) {
        for (String comment : origin.comments()) {
            options(comment)
                    .named()
                    .forEach(name ->
                            Checks.unknownRule(name).ifPresent(message -> warn(Rule.UNKNOWN_RULE, origin, message)));
        }
    }

    /** Points at one line of an instruction. */
    void warnAtLine(Rule rule, Origin origin, int line, String message) {
        add(origin, new Warning(line, 0, line, rule, shortened(message)));
    }

    /** Whether no more warnings are taken, and so none need be made. */
    boolean isFull() {
        return warnings.size() >= MOST_WARNINGS;
    }

    private void add(Origin origin, Warning warning) {
        if (!isFull() && !skips(options, warning.rule()) && !commentsSkip(origin, warning.rule())) {
            warnings.add(warning);
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
        return dormant || options.skips(rule.label());
    }

    private boolean commentsSkip(Origin origin, Rule rule) {
        // An instruction may have thousands of comments above it and thousands of warnings: they are read once.
        if (!origin.equals(commented)) {
            commented = origin;
            skippedByComments = origin.comments().stream()
                    .map(WarningCollector::options)
                    .filter(comment -> !comment.equals(CheckOptions.NONE))
                    .toList();
        }
        return skippedByComments.stream().anyMatch(comment -> comment.skips(rule.label()));
    }

    /** What a comment says about checks; nothing if it is prose, even if it happens to start like options. */
    private static CheckOptions options(String comment) {
        Matcher matcher = COMMENT.matcher(comment);
        if (!matcher.matches()) {
            return CheckOptions.NONE;
        }
        try {
            return CheckOptions.parse(matcher.group(1));
        } catch (InvalidValueException e) {
            return CheckOptions.NONE;
        }
    }

    private static String shortened(String message) {
        return message.length() <= LONGEST_MESSAGE ? message : message.substring(0, LONGEST_MESSAGE) + "…";
    }
}
