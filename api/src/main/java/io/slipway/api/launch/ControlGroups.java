package io.slipway.api.launch;

import io.slipway.api.SlipwayProperties;
import io.slipway.api.limit.LimitSettings;
import io.slipway.api.start.StartException;
import io.slipway.db.access.ProjectLimit;
import io.slipway.db.access.ProjectLimits;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * The control groups that workers run in, one for each, below those that the service was given (cgroups(7)): what a worker starts is in its group,
 * and the kernel holds all of it together to the limits of the project whose build it does. Thread-safe.
 */
@Component
public final class ControlGroups {
    private static final Logger LOG = LoggerFactory.getLogger(ControlGroups.class);

    /** The limits that the kernel holds workers to; all others are the service's and the worker's own. */
    private static final Set<ProjectLimit> KERNELS =
            EnumSet.of(ProjectLimit.MEMORY, ProjectLimit.CPU, ProjectLimit.PROCESSES);

    private static final String WORKER = "wrk_";
    private static final String PROCESSES = "cgroup.procs";
    private static final String UNLIMITED = "max";
    private static final long PERIOD_MICROS = 100_000;

    /** A killed worker's processes are gone a moment after it. */
    private static final int REMOVALS = 50;

    private static final long REMOVAL_PAUSE_MILLIS = 100;

    /** Where a worker finds how often the kernel has killed in its group for want of memory: of version 2, and of version 1. */
    private static final List<String> MEMORY_KILLS = List.of("memory.events", "memory.oom_control");

    private static final String MEMORY_KILLS_VARIABLE = "SLIPWAY_WORKER_MEMORY_KILLS";

    /** Enters groups and becomes the command; whoever forks later is in them, too. */
    private static final String ENTER = "while [ \"$1\" != -- ]; do echo $$ > \"$1/" + PROCESSES
            + "\" || exit 125; shift; done; shift; exec \"$@\"";

    private final List<Path> groups;
    private final Set<ProjectLimit> enforced;

    ControlGroups(SlipwayProperties properties, LimitSettings settings) throws IOException {
        this.groups = properties.workers().controlGroups();
        EnumSet<ProjectLimit> found = EnumSet.noneOf(ProjectLimit.class);
        for (Path group : groups) {
            found.addAll(prepare(group));
        }
        this.enforced = found;
        for (ProjectLimit limit : settings.defaults().values().keySet()) {
            if (!enforces(limit)) {
                throw new StartException(
                        "slipway.limits has " + limit.wireName() + ", which this service can't hold builds to.",
                        "Give it a control group with that controller (slipway.workers.control-groups), or take the limit back.");
            }
        }
    }

    /** What the kernel can hold workers to in a group. Removes what workers of an earlier service have left. */
    private static Set<ProjectLimit> prepare(Path group) throws IOException {
        if (!Files.exists(group.resolve(PROCESSES))) {
            throw new StartException(
                    "slipway.workers.control-groups has " + group + ", which is no control group.",
                    "docs/operating.md says how to make one.");
        }
        try (DirectoryStream<Path> left = Files.newDirectoryStream(group, WORKER + "*")) {
            for (Path worker : left) {
                tryDelete(worker);
            }
        }
        Path probe = group.resolve(WORKER + "probe");
        try {
            if (Files.exists(group.resolve("cgroup.controllers"))) {
                for (String controller : List.of("memory", "cpu", "pids")) {
                    write(group.resolve("cgroup.subtree_control"), "+" + controller);
                }
            }
            Files.createDirectory(probe);
            enter(probe);
            Set<ProjectLimit> found = EnumSet.noneOf(ProjectLimit.class);
            for (ProjectLimit limit : KERNELS) {
                if (files(probe, limit, null).stream().anyMatch(file -> Files.isWritable(file.path()))) {
                    found.add(limit);
                }
            }
            return found;
        } catch (IOException e) {
            throw new StartException(
                    "slipway.workers.control-groups has " + group + ", in which the service's user can't put workers: "
                            + e.getMessage(),
                    "Make the group that user's own (chown -R); of version 2 the service has to run in a group below it. docs/operating.md has more.");
        } finally {
            delete(probe);
        }
    }

    private static void enter(Path group) throws IOException {
        Process process = new ProcessBuilder(entering(List.of(group), List.of("true")))
                .redirectErrorStream(true)
                .start();
        try {
            String said = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IOException(said.strip());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private static List<String> entering(List<Path> groups, List<String> command) {
        List<String> words = new ArrayList<>(List.of("/bin/sh", "-c", ENTER, "sh"));
        groups.forEach(group -> words.add(group.toString()));
        words.add("--");
        words.addAll(command);
        return words;
    }

    /** Whether there are any. */
    boolean areGiven() {
        return !groups.isEmpty();
    }

    /** Whether builds of this service are held to a limit. */
    public boolean enforces(ProjectLimit limit) {
        return !KERNELS.contains(limit) || enforced.contains(limit);
    }

    /**
     * Makes the group of a worker.
     *
     * @param builder of its process; its command is changed so that it enters the group before it does anything, and its environment says where the group
     *     tells of kills for want of memory
     */
    void wrap(String worker, ProcessBuilder builder) throws IOException {
        if (groups.isEmpty()) {
            return;
        }
        List<Path> own = own(worker);
        for (Path group : own) {
            Files.createDirectory(group);
            MEMORY_KILLS.stream()
                    .map(group::resolve)
                    .filter(Files::isReadable)
                    .forEach(file -> builder.environment().put(MEMORY_KILLS_VARIABLE, file.toString()));
        }
        builder.command(entering(own, builder.command()));
    }

    /** Sets what a worker, and all that it runs, may take from now on; what has no limit is unlimited. */
    void limit(String worker, ProjectLimits limits) throws IOException {
        for (Path group : own(worker)) {
            for (ProjectLimit limit : enforced) {
                for (Setting setting : files(group, limit, limits.orNull(limit))) {
                    write(setting.path(), setting.value());
                }
            }
        }
    }

    /** Removes the group of a worker that has ended, soon: its last processes are gone a moment later. */
    void remove(String worker) {
        for (Path group : own(worker)) {
            Thread.ofVirtual().name(worker + "-group").start(() -> delete(group));
        }
    }

    private List<Path> own(String worker) {
        return groups.stream().map(group -> group.resolve(worker)).toList();
    }

    record Setting(Path path, String value) {}

    /** The files of either version that have a limit, in the order in which they can be written. */
    static List<Setting> files(Path group, ProjectLimit limit, @Nullable Long value) {
        return switch (limit) {
            case MEMORY ->
                List.of(
                        // Kernel, Documentation/admin-guide/cgroup-v2.rst, "Memory": no swap, which would only make it
                        // slow.
                        new Setting(group.resolve("memory.swap.max"), value == null ? UNLIMITED : "0"),
                        new Setting(group.resolve("memory.max"), value == null ? UNLIMITED : value.toString()),
                        // Documentation/admin-guide/cgroup-v1/memory.rst, section 4
                        new Setting(group.resolve("memory.limit_in_bytes"), value == null ? "-1" : value.toString()));
            case CPU -> {
                long quota = value == null ? -1 : value * PERIOD_MICROS / 1000;
                yield List.of(
                        new Setting(
                                group.resolve("cpu.max"),
                                (value == null ? UNLIMITED : Long.toString(quota)) + " " + PERIOD_MICROS),
                        // Documentation/scheduler/sched-bwc.rst
                        new Setting(group.resolve("cpu.cfs_period_us"), Long.toString(PERIOD_MICROS)),
                        new Setting(group.resolve("cpu.cfs_quota_us"), Long.toString(quota)));
            }
            case PROCESSES ->
                // Documentation/admin-guide/cgroup-v1/pids.rst; the same in version 2
                List.of(new Setting(group.resolve("pids.max"), value == null ? UNLIMITED : value.toString()));
            default -> throw new IllegalArgumentException(limit + " is not the kernel's");
        };
    }

    /** Files of the other version, and of controllers that are not there, are not there. */
    private static void write(Path file, String value) throws IOException {
        if (Files.exists(file)) {
            try {
                Files.writeString(file, value);
            } catch (NoSuchFileException e) {
                // The worker has ended.
            }
        }
    }

    private static void delete(Path group) {
        for (int i = 0; i < REMOVALS; i++) {
            if (tryDelete(group)) {
                return;
            }
            try {
                TimeUnit.MILLISECONDS.sleep(REMOVAL_PAUSE_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
        LOG.warn("The control group {} can't be removed", group);
    }

    /** False for one with processes in it. */
    private static boolean tryDelete(Path group) {
        try {
            Files.deleteIfExists(group);
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
