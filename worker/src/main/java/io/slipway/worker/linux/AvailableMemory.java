package io.slipway.worker.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/**
 * How much memory programs may still take without swapping: of the machine (proc_meminfo(5)), or of the control groups of version 2 that this process is in
 * (kernel, Documentation/admin-guide/cgroup-v2.rst, "Memory"), whichever is less. Immutable; thread-safe.
 *
 * @param root the root of the file system
 */
public record AvailableMemory(Path root) {
    /** Of this machine. */
    public static AvailableMemory ofMachine() {
        return new AvailableMemory(Path.of("/"));
    }

    /** Bytes. {@link Long#MAX_VALUE} if the machine does not say. */
    public long bytes() throws IOException {
        return Math.min(ofSystem(), ofControlGroup());
    }

    private long ofSystem() throws IOException {
        for (String line : lines("proc/meminfo")) {
            if (line.startsWith("MemAvailable:")) {
                return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
            }
        }
        return Long.MAX_VALUE;
    }

    private long ofControlGroup() throws IOException {
        for (String line : lines("proc/self/cgroup")) {
            if (line.startsWith("0::/")) {
                long least = Long.MAX_VALUE;
                // A group is held to the limits of those above it, too.
                for (Path group = Path.of(line.substring("0::/".length())); group != null; group = group.getParent()) {
                    least = Math.min(least, ofControlGroup("sys/fs/cgroup/" + group));
                }
                return least;
            }
        }
        return Long.MAX_VALUE;
    }

    private long ofControlGroup(String group) throws IOException {
        List<String> most = lines(group + "/memory.max");
        List<String> current = lines(group + "/memory.current");
        if (most.isEmpty() || current.isEmpty() || most.getFirst().equals("max")) {
            return Long.MAX_VALUE;
        }
        long cached = 0; // which the kernel takes back first
        for (String line : lines(group + "/memory.stat")) {
            if (line.startsWith("inactive_file ")) {
                cached = Long.parseLong(line.substring("inactive_file ".length()));
            }
        }
        return Math.max(0, Long.parseLong(most.getFirst()) - Long.parseLong(current.getFirst()) + cached);
    }

    private List<String> lines(String file) throws IOException {
        try {
            return Files.readAllLines(root.resolve(file));
        } catch (NoSuchFileException e) {
            return List.of();
        }
    }
}
