package io.slipway.worker.build;

import io.slipway.dockerfile.history.CreatedBy;
import io.slipway.dockerfile.instruction.CommandLine;
import io.slipway.dockerfile.instruction.Run;
import io.slipway.dockerfile.stage.PredefinedArguments;
import io.slipway.image.layer.Layer;
import io.slipway.image.tar.FileName;
import io.slipway.protocol.BuildError;
import io.slipway.protocol.CacheTarget;
import io.slipway.protocol.ErrorCode;
import io.slipway.protocol.NetworkMode;
import io.slipway.worker.cache.Inputs;
import io.slipway.worker.cache.KeyHash;
import io.slipway.worker.linux.Fd;
import io.slipway.worker.linux.FileStatus;
import io.slipway.worker.linux.Linux;
import io.slipway.worker.mount.MountPoints;
import io.slipway.worker.rootfs.RootTree;
import io.slipway.worker.sandbox.ContainerExit;
import io.slipway.worker.sandbox.ContainerMount;
import io.slipway.worker.sandbox.ContainerSpec;
import io.slipway.worker.sandbox.ContainerUser;
import io.slipway.worker.snapshot.Overlay;
import io.slipway.worker.snapshot.Snapshot;
import io.slipway.worker.snapshot.SnapshotStore;
import io.slipway.worker.snapshot.UnmappedOwnerException;
import io.slipway.worker.snapshot.UpperDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** RUN: a command in a container on an overlay of the image so far; what it changed is the layer (dockerfile.md §5 RUN). */
final class RunStep {
    // As shells say it (POSIX, Shell Command Language, 2.8.2).
    private static final int NO_PROGRAM = 127;
    private static final int NOT_EXECUTABLE = 126;
    private static final List<String> SYSTEM_DIRECTORIES = List.of("dev", "proc", "sys");

    private final Session session;
    private final Run run;
    private final ImageState state;
    private final RunMounts mounts;

    RunStep(Session session, Run run, ImageState state, RunMounts mounts) {
        this.session = session;
        this.run = run;
        this.state = state;
        this.mounts = mounts;
    }

    /** What the step's result depends on, beside the content that it runs on. Proxies are left out: they change with the place. */
    StepKey key() throws IOException {
        StepKey key = session.key("run 8", state.lineage(), hash -> {
            describe(hash);
            mounts.addTo(hash, true);
        });
        return mounts.readStages()
                ? key.orByContent(
                        session.likeAll(hash -> {
                            describe(hash);
                            mounts.addTo(hash, false);
                        }),
                        hash -> mounts.addStagesTo(hash, session))
                : key;
    }

    private void describe(KeyHash key) {
        key.add(words()).add(run.command() instanceof CommandLine.Script script ? script.body() : null);
        Map<String, String> variables = state.scope().variables();
        key.count(variables.size());
        new TreeMap<>(variables)
                .forEach((name, value) ->
                        key.part(Inputs.Kind.VARIABLE, name).add(name).add(value));
        key.part(Inputs.Kind.WORKING_DIRECTORY).add(state.workingDirectory());
        key.part(Inputs.Kind.USER).add(state.config().user());
        key.part(Inputs.Kind.NETWORK).add(network().name());
        key.part(Inputs.Kind.HOSTNAME).add(hostname());
    }

    /** Notes the cache mounts for an exported cache that has them, too: also those of a command that was not run because its result was known. */
    void noteMounts() throws IOException {
        if (session.spec().cacheTo().stream().anyMatch(CacheTarget::mounts)) {
            for (UsedMount mount : mounts.caches(session)) {
                session.results().add(mount);
            }
        }
    }

    /** Runs the command. The layer may still be on its way to the store when this returns. */
    StepLayer execute(StepKey key, StepLog.Running log) throws IOException, InterruptedException, BuildFailure {
        Path upper;
        try (Mounted mounted = Mounted.of(session, run, mounts, log)) {
            upper = execute(mounted, log);
        }
        Snapshot snapshot = SnapshotStore.of(upper);
        String created = session.now();
        CompletableFuture<Layer> layer = session.commit(
                key,
                created,
                List.of(),
                sink -> UpperDirectory.read(snapshot.directory(), session::clamp, sink),
                upper);
        return StepLayer.made(layer, () -> snapshot, created, List.of(), key);
    }

    /** Gives the directory of what the command changed. */
    private Path execute(Mounted mounted, StepLog.Running log) throws IOException, InterruptedException, BuildFailure {
        List<Fd> lower = new ArrayList<>(session.directories(state.layers()));
        Path directory = session.workspace().newDirectory();
        Path upper = Files.createDirectory(directory.resolve("upper"));
        copyRootAttributes(lower, upper);
        MountPoints points = mountPoints(mounted);
        MountPoints made;
        try (Fd stubs = stubs(mounted, points)) {
            lower.add(stubs);
            Path work = Files.createDirectory(directory.resolve("work"));
            Path target = Files.createDirectory(session.workspace().newMemoryPath());
            try (Overlay overlay = Overlay.writable(lower, upper, work, target)) {
                ContainerUser user;
                try (RootTree root = RootTree.of(overlay.path())) {
                    user = RunUser.of(state.config().user(), run, root);
                    checkOwner(user);
                    made = points.hiddenIn(root);
                    makeDirectories(root, user);
                }
                ContainerSpec spec = new ContainerSpec(
                        overlay.path().toString(),
                        hostname(),
                        words(),
                        environment(user, mounted),
                        state.workingDirectory(),
                        user,
                        network() == NetworkMode.NONE
                                ? null
                                : session.workspace().network().path(),
                        mounts(mounted));
                long killed = session.workspace().memoryKills().count();
                ContainerExit exit = session.workspace().runtime().run(spec, log::output);
                check(exit, session.workspace().memoryKills().count() > killed);
            }
        }
        try (Fd changes = Linux.openDirectory(upper.toString())) {
            made.removeFrom(changes);
        }
        return upper;
    }

    /** Whoever may own a file may run a command, too. */
    private void checkOwner(ContainerUser user) throws IOException {
        if (user.uid() != 0 || user.gid() != 0) {
            Path file = Files.createFile(session.workspace().newMemoryPath());
            UnmappedOwnerException.chown(
                    Fd.CURRENT_DIRECTORY, file.toString(), "the process of RUN", user.uid(), user.gid());
            Files.delete(file);
        }
    }

    /** Makes what the reference makes before the command runs, if the image lacks it; it stays in the layer. */
    private void makeDirectories(RootTree root, ContainerUser user) throws IOException {
        for (String system : SYSTEM_DIRECTORIES) {
            makeDirectories(root, system, 0, 0);
        }
        makeDirectories(root, root.resolve(state.workingDirectory()), user.uid(), user.gid());
    }

    /** What is no directory and stands in the way is left for the runtime to complain of. */
    private static void makeDirectories(RootTree root, String path, int uid, int gid) throws IOException {
        String parent = "";
        for (String name : path.split("/")) {
            String part = parent.isEmpty() ? name : parent + "/" + name;
            FileStatus status = name.isEmpty() ? Linux.stat(root.root()) : root.status(part);
            if (status != null && !status.isDirectory()) {
                return;
            }
            if (status == null) {
                try (Fd directory = root.openDirectory(parent)) {
                    Linux.makeDirectory(directory, name, 0755);
                    Linux.chmod(directory, name, 0755);
                    Linux.chown(directory, name, uid, gid);
                }
            }
            parent = part;
        }
    }

    private MountPoints mountPoints(Mounted mounted) throws IOException, BuildFailure {
        if (mounted.points().isEmpty()) {
            return MountPoints.NONE;
        }
        try (RootTree image = session.openRoot(state.layers())) {
            MountPoints.MountPoint other = MountPoints.ofOtherKind(image, mounted.points());
            if (other != null) {
                throw BuildFailure.at(
                        run.origin(),
                        ErrorCode.INSTRUCTION_FAILED,
                        other.directory()
                                ? "a directory can't be mounted at " + other.path() + ", which is none in the image"
                                : "a file can't be mounted at " + other.path() + ", which is a directory in the image",
                        "change the mount's target, or its source");
            }
            return MountPoints.of(image, mounted.points());
        }
    }

    private Fd stubs(Mounted mounted, MountPoints points) throws IOException {
        if (mounted.points().isEmpty()) {
            return Linux.open(session.workspace().stubs(), ".", Linux.O_RDONLY | Linux.O_DIRECTORY, 0, 0);
        }
        Path stubs = session.workspace().newStubs();
        points.makeIn(stubs);
        return Linux.openDirectory(stubs.toString());
    }

    /** The root directory of an overlay is its upper directory: it must look like the image's. */
    static void copyRootAttributes(List<Fd> lower, Path upper) throws IOException {
        Fd upperParent = Fd.CURRENT_DIRECTORY;
        if (lower.isEmpty()) {
            Linux.chmod(upperParent, upper.toString(), 0755);
            return;
        }
        FileStatus status = Linux.stat(lower.getFirst());
        Linux.chown(upperParent, upper.toString(), status.uid(), status.gid());
        Linux.chmod(upperParent, upper.toString(), status.permissions());
        Linux.setTimes(upperParent, upper.toString(), status.mtimeSeconds(), status.mtimeNanos());
    }

    private List<String> words() {
        return CreatedBy.words(run.command(), state.shell());
    }

    private String hostname() {
        return PredefinedArguments.hostname(session.spec().buildArgs());
    }

    private NetworkMode network() {
        return run.network() == Run.Network.NONE
                ? NetworkMode.NONE
                : session.spec().network();
    }

    private List<String> variables(Map<String, String> more) {
        Map<String, String> all = new TreeMap<>(more);
        all.putAll(state.scope().variables());
        return all.entrySet().stream()
                .map(variable -> variable.getKey() + "=" + variable.getValue())
                .toList();
    }

    private List<String> environment(ContainerUser user, Mounted mounted) {
        Map<String, String> more =
                new TreeMap<>(PredefinedArguments.proxies(session.spec().buildArgs()));
        more.put("HOME", user.home());
        more.putAll(mounted.environment());
        return variables(more);
    }

    private List<ContainerMount> mounts(Mounted mounted) throws IOException {
        List<ContainerMount> all = new ArrayList<>(session.workspace().systemFiles(hostname()));
        // Another mount there hides them; if it is a directory it can't be mounted on a file.
        all.removeIf(
                file -> mounted.points().stream().anyMatch(point -> point.path().equals(file.target())));
        all.addAll(mounted.mounts());
        if (run.command() instanceof CommandLine.Script script) {
            Path file = Files.write(session.workspace().newMemoryPath(), FileName.encode(script.body()));
            Linux.chmod(Fd.CURRENT_DIRECTORY, file.toString(), 0755);
            all.add(new ContainerMount.Bind(file.toString(), script.path(), true));
        }
        return all;
    }

    /** @param outOfMemory whether the kernel has killed for want of memory while the command ran: maybe not its first process, and that has made the best of it */
    private void check(ContainerExit exit, boolean outOfMemory) throws BuildFailure {
        boolean failed = !(exit instanceof ContainerExit.Exited(int status) && status == 0);
        if (failed && session.workspace().isDiskFull()) {
            // The command was told so, too, and ended for it or soon would have.
            throw new BuildFailure(Failures.diskFull(run.origin()), null);
        }
        switch (exit) {
            case ContainerExit.Exited(int status) when status == 0 -> {
                // The layer is what it changed.
            }
            case ContainerExit.Exited(int status)
            when outOfMemory ->
                throw failure(
                        ErrorCode.STEP_OUT_OF_MEMORY,
                        "RUN ended with exit code " + status + " when there was no more memory for it",
                        status,
                        memoryHint(session.spec().limits().memoryBytes()));
            case ContainerExit.Exited(int status) -> {
                String signal = FatalSignal.of(status);
                throw failure(
                        signal == null ? ErrorCode.STEP_FAILED : ErrorCode.STEP_KILLED,
                        "RUN ended with exit code " + status + (signal == null ? "" : " (killed by " + signal + ")"),
                        status,
                        null);
            }
            case ContainerExit.NotStarted(String message) -> {
                boolean missing = message.contains("No such file or directory");
                boolean shell = missing && run.command() instanceof CommandLine.ShellText;
                throw failure(
                        ErrorCode.STEP_FAILED,
                        "RUN could not be started: " + message,
                        missing ? NO_PROGRAM : NOT_EXECUTABLE,
                        shell
                                ? "the image has no " + state.shell().getFirst()
                                        + ": write RUN [\"PROGRAM\", …], or start from an image with a shell"
                                : null);
            }
        }
    }

    private static String memoryHint(@Nullable Long limit) {
        return limit == null
                ? "let it take less at a time, or ask whoever runs this service for a machine with more"
                : "builds of this project have " + limit
                        + " bytes (memoryBytes), worker included: let it take less at a time, or ask whoever runs this service for more";
    }

    private BuildFailure failure(ErrorCode code, String message, int status, @Nullable String hint) {
        return new BuildFailure(
                new BuildError(
                        code, message, run.origin().text(), run.origin().range().line(), status, hint),
                null);
    }
}
