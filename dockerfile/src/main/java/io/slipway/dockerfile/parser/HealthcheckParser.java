package io.slipway.dockerfile.parser;

import io.slipway.dockerfile.instruction.Healthcheck;
import io.slipway.dockerfile.instruction.Statement;
import io.slipway.dockerfile.source.Blanks;
import io.slipway.dockerfile.source.InvalidValueException;
import io.slipway.dockerfile.source.Suggestion;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Parses HEALTHCHECK (dockerfile.md §5). */
final class HealthcheckParser {

    private static final Duration SHORTEST = Duration.ofMillis(1);
    private static final Map<String, Flags.Kind> FLAGS = Map.of(
            "interval", Flags.Kind.VALUE,
            "timeout", Flags.Kind.VALUE,
            "start-period", Flags.Kind.VALUE,
            "start-interval", Flags.Kind.VALUE,
            "retries", Flags.Kind.VALUE);

    private HealthcheckParser() {}

    static Statement parse(LogicalLine line) {
        String arguments = StatementParser.requireArguments(line.head());
        int end = 0;
        while (end < arguments.length() && !Blanks.isBlank(arguments.charAt(end))) {
            end++;
        }
        String type = arguments.substring(0, end);
        String command = Blanks.trim(arguments.substring(end));
        return switch (type.toUpperCase(Locale.ROOT)) {
            case "NONE" -> none(line, command);
            case "CMD" -> check(line, Flags.parse(line.head(), FLAGS), command);
            default -> {
                String near = Suggestion.hint(type, List.of("CMD", "NONE"));
                throw new InvalidValueException(
                        "HEALTHCHECK " + type + " is not known",
                        near != null ? near : "write HEALTHCHECK CMD COMMAND",
                        type);
            }
        };
    }

    private static Statement none(LogicalLine line, String rest) {
        if (!rest.isEmpty()) {
            throw new InvalidValueException("HEALTHCHECK NONE takes no arguments");
        }
        Duration zero = Duration.ZERO;
        return new Healthcheck(
                line.origin(), null, zero, zero, zero, zero, 0, line.head().flags());
    }

    private static Statement check(LogicalLine line, Flags flags, String command) {
        List<String> json = JsonStrings.parse(command);
        if (command.isEmpty() || (json != null && json.isEmpty())) {
            throw new InvalidValueException("HEALTHCHECK CMD has no command");
        }
        return new Healthcheck(
                line.origin(),
                StatementParser.commandLine(command),
                duration("interval", flags),
                duration("timeout", flags),
                duration("start-period", flags),
                duration("start-interval", flags),
                retries(flags.value("retries")),
                List.of());
    }

    private static Duration duration(String name, Flags flags) {
        String text = flags.value(name);
        if (text == null || text.isEmpty()) {
            return Duration.ZERO;
        }
        Duration duration = GoDuration.parse(name, text);
        if (!duration.isZero() && duration.compareTo(SHORTEST) < 0) {
            throw new InvalidValueException("--" + name + "=" + text + " is shorter than 1ms", null, "--" + name);
        }
        return duration;
    }

    private static int retries(@Nullable String text) {
        if (text == null || text.isEmpty()) {
            return 0;
        }
        try {
            int retries = Integer.parseInt(text);
            if (retries >= 0) {
                return retries;
            }
        } catch (NumberFormatException e) {
            // Told below, together with negative numbers.
        }
        throw new InvalidValueException("--retries=" + text + " is not a number from 0 up", null, "--retries");
    }
}
