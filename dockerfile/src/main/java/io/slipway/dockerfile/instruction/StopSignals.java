package io.slipway.dockerfile.instruction;

import io.slipway.dockerfile.source.InvalidValueException;
import io.slipway.dockerfile.source.Suggestion;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The signals of Linux that STOPSIGNAL accepts: a name with or without {@code SIG}, in any case, or a number but 0. */
final class StopSignals {

    private static final List<String> NAMES = List.of(
            "ABRT", "ALRM", "BUS", "CHLD", "CLD", "CONT", "FPE", "HUP", "ILL", "INT", "IO", "IOT", "KILL", "PIPE",
            "POLL", "PROF", "PWR", "QUIT", "SEGV", "STKFLT", "STOP", "SYS", "TERM", "TRAP", "TSTP", "TTIN", "TTOU",
            "URG", "USR1", "USR2", "VTALRM", "WINCH", "XCPU", "XFSZ", "RTMIN", "RTMAX");

    private StopSignals() {}

    /** Whether an accepted signal is one that Linux has: the reference takes any number. */
    static boolean exists(String signal) {
        Integer number = number(signal);
        return number == null || (number >= 1 && number <= 64);
    }

    @Nullable
    private static Integer number(String signal) {
        try {
            return Integer.valueOf(signal);
        } catch (NumberFormatException e) {
            return null;
        }
    }

    /**
     * Checks an expanded signal; it is stored in the image as it is written.
     *
     * @throws InvalidValueException if there is no such signal
     */
    static void requireAccepted(String signal) {
        String name = signal.toUpperCase(Locale.ROOT);
        Integer number = number(signal);
        if (number != null && number != 0) {
            return;
        }
        if (number != null) {
            throw new InvalidValueException(signal + " is not a signal", "the numbers are 1 to 64", signal);
        }
        String bare = name.startsWith("SIG") ? name.substring(3) : name;
        boolean realTime = bare.matches("RTMIN\\+([1-9]|1[0-5])|RTMAX-([1-9]|1[0-4])");
        if (!realTime && !NAMES.contains(bare)) {
            String near = Suggestion.nearest(bare, NAMES);
            throw new InvalidValueException(
                    "\"" + signal + "\" is not a signal",
                    near != null ? "did you mean SIG" + near + "?" : "write a name such as SIGTERM, or a number",
                    signal);
        }
    }
}
