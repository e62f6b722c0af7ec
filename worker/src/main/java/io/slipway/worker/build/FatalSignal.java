package io.slipway.worker.build;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The signals that end programs which have not asked for it, by their numbers, which are the same on amd64 and arm64 (signal(7)). Not those that programs
 * are stopped with by hand: of statuses such as 129 it is likelier that a program has chosen them itself.
 */
final class FatalSignal {
    /** A program that a signal has ended has this and the signal's number as its status in a shell (POSIX, Shell Command Language, 2.8.2). */
    private static final int BASE = 128;

    private static final Map<Integer, String> NAMES = Map.ofEntries(
            Map.entry(3, "SIGQUIT"),
            Map.entry(4, "SIGILL"),
            Map.entry(5, "SIGTRAP"),
            Map.entry(6, "SIGABRT"),
            Map.entry(7, "SIGBUS"),
            Map.entry(8, "SIGFPE"),
            Map.entry(9, "SIGKILL"),
            Map.entry(11, "SIGSEGV"),
            Map.entry(13, "SIGPIPE"),
            Map.entry(15, "SIGTERM"),
            Map.entry(24, "SIGXCPU"),
            Map.entry(25, "SIGXFSZ"),
            Map.entry(31, "SIGSYS"));

    private FatalSignal() {}

    /** The name of the signal that an exit status stands for, or null if it stands for none. */
    static @Nullable String of(int status) {
        return NAMES.get(status - BASE);
    }
}
