package io.slipway.dockerfile.instruction;

import io.slipway.dockerfile.source.InvalidValueException;
import io.slipway.dockerfile.source.Suggestion;
import java.util.List;
import java.util.Locale;

/** The signals of Linux that STOPSIGNAL accepts: a name with or without {@code SIG}, in any case, or a number above 0. */
final class StopSignals {

    private static final List<String> NAMES = List.of(
            "ABRT", "ALRM", "BUS", "CHLD", "CLD", "CONT", "FPE", "HUP", "ILL", "INT", "IO", "IOT", "KILL", "PIPE",
            "POLL", "PROF", "PWR", "QUIT", "SEGV", "STKFLT", "STOP", "SYS", "TERM", "TRAP", "TSTP", "TTIN", "TTOU",
            "URG", "USR1", "USR2", "VTALRM", "WINCH", "XCPU", "XFSZ", "RTMIN", "RTMAX");

    private StopSignals() {}

    /**
     * Checks an expanded signal; it is stored in the image as it is written.
     *
     * @throws InvalidValueException if there is no such signal
     */
    static void check(String signal) {
        String name = signal.toUpperCase(Locale.ROOT);
        if (name.matches("[0-9]{1,3}")) {
            int number = Integer.parseInt(name);
            if (number >= 1 && number <= 64) {
                return;
            }
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
