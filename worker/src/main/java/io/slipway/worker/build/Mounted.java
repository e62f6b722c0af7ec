package io.slipway.worker.build;

import io.slipway.dockerfile.instruction.Mount;
import io.slipway.dockerfile.instruction.Run;
import io.slipway.image.Digest;
import io.slipway.image.tar.TarEntry;
import io.slipway.protocol.ErrorCode;
import io.slipway.protocol.SshSource;
import io.slipway.worker.copy.CopyException;
import io.slipway.worker.copy.RootSource;
import io.slipway.worker.copy.SourceTree;
import io.slipway.worker.linux.Errno;
import io.slipway.worker.linux.Fd;
import io.slipway.worker.linux.FileStatus;
import io.slipway.worker.linux.Linux;
import io.slipway.worker.linux.LinuxException;
import io.slipway.worker.mount.CacheDirectories;
import io.slipway.worker.mount.MountPoints.MountPoint;
import io.slipway.worker.mount.SshForward;
import io.slipway.worker.mount.SshKeyException;
import io.slipway.worker.rootfs.RootTree;
import io.slipway.worker.sandbox.ContainerMount;
import io.slipway.worker.snapshot.Overlay;
import io.slipway.worker.snapshot.UnmappedOwnerException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The mounts of one RUN while it runs. What is mounted was looked up beneath its root by the kernel and is held by descriptor;
 * secrets are in memory only. Closing lets go of everything. Used by one thread.
 */
final class Mounted implements AutoCloseable {
    /** The flags of the memory that places lie in have to stay: in a user namespace nobody may take them away (mount_namespaces(7)). */
    private static final long READ_ONLY =
            Linux.MS_REMOUNT | Linux.MS_BIND | Linux.MS_RDONLY | Linux.MS_NOSUID | Linux.MS_NODEV;

    private static final String EMPTY = "cache";

    private final Session session;
    private final Run run;
    private final StepLog.Running log;
    private final List<ContainerMount> mounts = new ArrayList<>();
    private final List<MountPoint> points = new ArrayList<>();
    private final Map<String, String> environment = new TreeMap<>();
    private final Map<Digest, CacheDirectories.Lease> caches = new HashMap<>();
    private final Deque<AutoCloseable> held = new ArrayDeque<>();

    private Mounted(Session session, Run run, StepLog.Running log) {
        this.session = session;
        this.run = run;
        this.log = log;
    }

    /** Gets everything ready; waits for cache directories that others have locked. */
    static Mounted of(Session session, Run run, RunMounts mounts, StepLog.Running log)
            throws IOException, InterruptedException, BuildFailure {
        Mounted mounted = new Mounted(session, run, log);
        boolean done = false;
        try {
            mounted.lease(mounts);
            if (mounts.agentSocket() != null) {
                mounted.environment.put("SSH_AUTH_SOCK", mounts.agentSocket());
            }
            for (RunMounts.Resolved resolved : mounts.mounts()) {
                mounted.add(resolved);
            }
            mounted.checkNested();
            done = true;
            return mounted;
        } finally {
            if (!done) {
                mounted.close();
            }
        }
    }

    /** What the container mounts, in order. */
    List<ContainerMount> mounts() {
        return mounts;
    }

    /** Where it is mounted. */
    List<MountPoint> points() {
        return points;
    }

    /** Variables that mounts define. */
    Map<String, String> environment() {
        return environment;
    }

    /** Everybody takes them in the same order, and each one once: else two builds could wait for each other for ever. */
    private void lease(RunMounts mounts) throws IOException, InterruptedException {
        TreeMap<String, RunMounts.Resolved> ordered = new TreeMap<>();
        for (RunMounts.Resolved resolved : mounts.mounts()) {
            if (resolved.mount() instanceof Mount.Cache cache) {
                ordered.merge(
                        RunMounts.cacheKey(session, cache, resolved.from()).toString(),
                        resolved,
                        (one, other) -> ((Mount.Cache) one.mount()).sharing() == Mount.Sharing.SHARED ? other : one);
            }
        }
        for (Map.Entry<String, RunMounts.Resolved> entry : ordered.entrySet()) {
            RunMounts.Resolved resolved = entry.getValue();
            Mount.Cache cache = (Mount.Cache) resolved.mount();
            Digest key = Digest.parse(entry.getKey());
            CacheDirectories.Sharing sharing = switch (cache.sharing()) {
                case SHARED -> CacheDirectories.Sharing.SHARED;
                case PRIVATE -> CacheDirectories.Sharing.PRIVATE;
                case LOCKED -> CacheDirectories.Sharing.LOCKED;
            };
            Digest name = RunMounts.portableCacheKey(session, cache, resolved.from());
            CacheDirectories.Lease lease = session.caches()
                    .lease(
                            key,
                            CacheDirectories.About.now(session.spec().scope(), cache.id()),
                            sharing,
                            made -> {
                                if (!session.importMount(name, made)) {
                                    seed(made, cache, resolved.from());
                                }
                            },
                            () -> log.say("waiting for the cache mounted at " + resolved.target()
                                    + ", which another step uses"));
            held.push(lease);
            caches.put(key, lease);
        }
    }

    private void seed(Path made, Mount.Cache cache, @Nullable Source from) throws IOException {
        switch (from) {
            case null -> seed(made, null, cache, RunMounts.attributes(cache, null));
            case Source.Files(FileContext context) ->
                seed(made, context.tree(), cache, RunMounts.attributes(cache, from));
            case Source.Image(ImageState image) -> {
                try (RootTree root = session.openRoot(image.layers())) {
                    seed(made, new RootSource(root), cache, RunMounts.attributes(cache, from));
                }
            }
        }
    }

    private void seed(Path made, @Nullable SourceTree tree, Mount.Cache cache, Mount.@Nullable Attributes attributes)
            throws IOException {
        // The reference makes the empty directory there in what it seeds from; so it begins with what lies there
        // already.
        String source = attributes == null ? RootTree.clean(cache.source()) : EMPTY;
        SourceTree.Node node = tree == null ? null : tree.find(source);
        if (tree != null && node != null) {
            seed(made, tree, source, node.entry());
        } else if (attributes != null) {
            Files.createDirectory(made);
            own(made, attributes.uid(), attributes.gid(), attributes.mode());
        } else {
            throw new CopyException("\"/" + source + "\", which is to be mounted, does not exist in there");
        }
    }

    private void seed(Path made, SourceTree tree, String source, TarEntry entry) throws IOException {
        Path scratch = session.workspace().newDirectory();
        switch (entry.type()) {
            case DIRECTORY -> {
                Files.createDirectory(made);
                FileContext.unpack(made, scratch, tree, source, "/");
                own(made, entry.uid(), entry.gid(), entry.mode());
            }
            case FILE -> {
                Path files = session.workspace().newDirectory();
                FileContext.unpack(files, scratch, tree, source, "/file");
                Files.move(files.resolve("file"), made);
            }
            default ->
                throw new CopyException("\"/" + source + "\" is no file and no directory, so it can't be mounted");
        }
    }

    private void add(RunMounts.Resolved resolved) throws IOException, InterruptedException, BuildFailure {
        switch (resolved.mount()) {
            case Mount.Bind bind -> bind(bind, resolved);
            case Mount.Cache cache -> {
                Digest key = RunMounts.cacheKey(session, cache, resolved.from());
                CacheDirectories.Lease lease = Objects.requireNonNull(caches.get(key), "it was leased before");
                mount(lease.data(), resolved.target(), cache.readOnly(), Files.isDirectory(lease.data()));
            }
            case Mount.Tmpfs tmpfs -> {
                mounts.add(new ContainerMount.Tmpfs(resolved.target(), tmpfs.readOnly(), tmpfs.size()));
                points.add(new MountPoint(resolved.target(), true));
            }
            case Mount.Secret secret -> secret(secret, resolved.target());
            case Mount.Ssh ssh -> ssh(ssh, resolved.target());
        }
    }

    /** The runtime makes mount points that are missing, but not in what nobody may write to. */
    private void checkNested() throws IOException, BuildFailure {
        for (int inner = 1; inner < mounts.size(); inner++) {
            String target = mounts.get(inner).target();
            ContainerMount outer = null;
            for (ContainerMount before : mounts.subList(0, inner)) {
                outer = target.startsWith(before.target() + "/") ? before : outer;
            }
            if (outer instanceof ContainerMount.Bind(String source, String at, boolean readOnly)
                    && readOnly
                    && !has(Path.of(source), target.substring(at.length()))) {
                throw BuildFailure.at(
                        run.origin(),
                        ErrorCode.INSTRUCTION_FAILED,
                        "nothing can be mounted at " + target + ": what is mounted at " + at
                                + " has no such name, and may not be written to",
                        "mount it somewhere else, or add rw to the mount at " + at);
            }
        }
    }

    private static boolean has(Path tree, String path) throws IOException {
        if (!Files.isDirectory(tree)) {
            return false;
        }
        try (RootTree root = RootTree.of(tree)) {
            return root.status(root.resolve(path)) != null;
        }
    }

    private void mount(Path source, String target, boolean readOnly, boolean directory) {
        mounts.add(new ContainerMount.Bind(source.toString(), target, readOnly));
        points.add(new MountPoint(target, directory));
    }

    private void bind(Mount.Bind bind, RunMounts.Resolved resolved) throws IOException {
        Fd source = switch (RunMounts.bindSource(resolved)) {
            case Source.Files(FileContext context) ->
                Linux.open(
                        Fd.CURRENT_DIRECTORY,
                        context.path(bind.source()).toString(),
                        Linux.O_PATH | Linux.O_NOFOLLOW,
                        0,
                        0);
            case Source.Image(ImageState image) -> open(bind.source(), image);
        };
        held.push(source);
        FileStatus status = Linux.stat(source);
        if (!status.isDirectory() && !status.isFile()) {
            throw new CopyException("\"" + bind.source() + "\" is no file and no directory, so it can't be mounted");
        }
        Path place = bind.readOnly()
                ? place(source, status.isDirectory())
                : status.isDirectory() ? overlay(source) : copy(source, status);
        mount(place, resolved.target(), bind.readOnly(), status.isDirectory());
    }

    private Fd open(String path, ImageState from) throws IOException {
        RootTree root = session.openRoot(from.layers());
        held.push(root);
        String found = root.resolve(path);
        if (root.status(found) == null) {
            throw new CopyException(
                    "\"/" + RootTree.clean(path) + "\", which is to be mounted, does not exist in there");
        }
        return Linux.open(
                root.root(),
                found.isEmpty() ? "." : found,
                Linux.O_PATH | Linux.O_NOFOLLOW,
                0,
                found.isEmpty() ? 0 : Linux.RESOLVE_BENEATH_NO_SYMLINKS);
    }

    /** A path for the runtime, which is another process and knows no descriptors of ours. */
    private Path place(Fd source, boolean directory) throws IOException {
        Path place = session.workspace().newMemoryPath();
        if (directory) {
            Files.createDirectory(place);
        } else {
            Files.createFile(place);
        }
        held.push(() -> Files.deleteIfExists(place));
        Linux.mount(source.procPath(), place.toString(), null, Linux.MS_BIND, null);
        held.push(() -> Linux.unmount(place.toString(), Linux.MNT_DETACH));
        // At once, not by the runtime: it would make mount points in what other steps see, too.
        try {
            Linux.mount("none", place.toString(), null, READ_ONLY, null);
        } catch (LinuxException e) {
            if (e.errno() != Errno.EPERM) {
                throw e;
            }
            // Where the store is mounted so, this may not be taken away either.
            Linux.mount("none", place.toString(), null, READ_ONLY | Linux.MS_NOEXEC, null);
        }
        return place;
    }

    /** A directory whose changes are thrown away. */
    private Path overlay(Fd source) throws IOException {
        Path directory = session.workspace().newDirectory();
        Path upper = Files.createDirectory(directory.resolve("upper"));
        RunStep.copyRootAttributes(List.of(source), upper);
        Overlay overlay = Overlay.writable(
                List.of(source),
                upper,
                Files.createDirectory(directory.resolve("work")),
                Files.createDirectory(session.workspace().newMemoryPath()));
        held.push(overlay);
        return overlay.path();
    }

    /** A file whose changes are thrown away. */
    private Path copy(Fd source, FileStatus status) throws IOException {
        Path copy = session.workspace().newDirectory().resolve("file");
        Files.copy(Path.of(source.procPath()), copy);
        own(copy, Integer.toUnsignedLong(status.uid()), Integer.toUnsignedLong(status.gid()), status.permissions());
        return copy;
    }

    private void secret(Mount.Secret secret, String target) throws IOException, BuildFailure {
        byte[] value = session.spec().secrets().get(secret.id());
        if (secret.env() != null) {
            environment.put(secret.env(), value == null ? "" : new String(value, StandardCharsets.UTF_8));
        }
        if (value == null) {
            if (secret.required()) {
                throw BuildFailure.at(
                        run.origin(),
                        ErrorCode.INSTRUCTION_FAILED,
                        "the secret \"" + secret.id() + "\" is required, and the build was not given it",
                        "give the build a secret of that id");
            }
            return;
        }
        if (!target.isEmpty()) {
            Path file = session.workspace().newMemoryPath();
            held.push(() -> Files.deleteIfExists(file));
            Files.write(file, value);
            own(file, secret.uid(), secret.gid(), secret.mode());
            mount(file, target, true, false);
        }
    }

    private void ssh(Mount.Ssh ssh, String target) throws IOException, InterruptedException, BuildFailure {
        SshSource source = session.spec().ssh().get(ssh.id());
        if (source == null) {
            if (ssh.required()) {
                throw BuildFailure.at(
                        run.origin(),
                        ErrorCode.INSTRUCTION_FAILED,
                        "the SSH agent \"" + ssh.id() + "\" is required, and the build was not given one",
                        "give the build a private key of that id with the option ssh");
            }
            return;
        }
        SshForward forward;
        try {
            forward = SshForward.open(source, session.workspace().newMemoryPath());
        } catch (SshKeyException e) {
            throw BuildFailure.at(
                    run.origin(),
                    ErrorCode.INSTRUCTION_FAILED,
                    "the SSH key \"" + ssh.id() + "\": " + e.getMessage(),
                    null);
        }
        held.push(forward);
        own(forward.socket(), ssh.uid(), ssh.gid(), ssh.mode());
        mount(forward.socket(), target, false, false);
    }

    private void own(Path file, long uid, long gid, int mode) throws IOException {
        UnmappedOwnerException.chown(Fd.CURRENT_DIRECTORY, file.toString(), "what is mounted", uid, gid);
        Linux.chmod(Fd.CURRENT_DIRECTORY, file.toString(), mode);
    }

    @Override
    public void close() throws IOException {
        IOException failure = null;
        while (!held.isEmpty()) {
            try {
                held.pop().close();
            } catch (IOException e) {
                failure = e;
            } catch (RuntimeException e) {
                throw e;
            } catch (Exception e) {
                failure = new IOException(e);
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
