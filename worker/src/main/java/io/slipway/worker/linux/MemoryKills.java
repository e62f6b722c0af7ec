package io.slipway.worker.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * How often the kernel has killed in the worker's control group because there was no more memory: {@code oom_kill} of {@code memory.events} (version 2;
 * kernel, Documentation/admin-guide/cgroup-v2.rst) or of {@code memory.oom_control} (version 1; Documentation/admin-guide/cgroup-v1/memory.rst). The
 * kernel counts before the process is dead. Immutable; thread-safe.
 *
 * @param file null if the worker has no group of its own
 */
public record MemoryKills(@Nullable Path file) {
    private static final String COUNT = "oom_kill ";

    /** So far; 0 if nobody says. */
    public long count() throws IOException {
        if (file == null) {
            return 0;
        }
        try {
            return Files.readAllLines(file).stream()
                    .filter(line -> line.startsWith(COUNT))
                    .mapToLong(line ->
                            Long.parseLong(line.substring(COUNT.length()).strip()))
                    .sum();
        } catch (NoSuchFileException e) {
            return 0;
        }
    }
}
