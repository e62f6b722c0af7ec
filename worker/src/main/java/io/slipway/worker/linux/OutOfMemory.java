package io.slipway.worker.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whom the kernel ends when there is no more memory (proc_pid_oom_score_adj(5)). */
public final class OutOfMemory {
    private static final Path ADJUSTMENT = Path.of("/proc/self/oom_score_adj");

    /** As if it had half of the memory beside what it has. */
    private static final int FIRST = 500;

    private OutOfMemory() {}

    /**
     * Lets the kernel end this process, and all that it starts from now on, before others of the machine: rather a build than the service or its
     * database. Everybody may do that to himself.
     */
    public static void endThisFirst() throws IOException {
        if (Integer.parseInt(Files.readString(ADJUSTMENT).strip()) < FIRST) {
            Files.writeString(ADJUSTMENT, Integer.toString(FIRST));
        }
    }
}
