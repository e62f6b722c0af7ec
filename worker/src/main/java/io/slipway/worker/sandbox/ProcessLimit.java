package io.slipway.worker.sandbox;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * How many processes and threads a user of a container may have (getrlimit(2), {@code RLIMIT_NPROC}), so that a command that forks without end fails
 * instead of taking all process ids of the machine. The kernel counts them for each user of the worker's namespace, the worker's own for its root.
 */
final class ProcessLimit {
    /** More than any build in earnest has, and half of what small machines have process ids for (proc_sys_kernel(5), {@code pid_max}). */
    static final long USUAL = 16_384;

    /** The limits of this process (proc_pid_limits(5)). */
    static final Path OWN = Path.of("/proc/self/limits");

    private static final String LINE = "Max processes";

    private ProcessLimit() {}

    /**
     * The limit for containers: nobody may give them more than this process has.
     *
     * @param limits {@link #OWN}, or a file like it
     */
    static long of(Path limits) throws IOException {
        return Files.readAllLines(limits).stream()
                .filter(line -> line.startsWith(LINE))
                .map(line -> line.substring(LINE.length()).strip().split("\\s+")[1])
                .filter(hard -> !hard.equals("unlimited"))
                .mapToLong(Long::parseLong)
                .map(hard -> Math.min(hard, USUAL))
                .findFirst()
                .orElse(USUAL);
    }
}
