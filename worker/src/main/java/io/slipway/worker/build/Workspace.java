package io.slipway.worker.build;

import io.slipway.image.store.ContentStore;
import io.slipway.worker.cache.RunningSteps;
import io.slipway.worker.collect.AfterBoot;
import io.slipway.worker.linux.Fd;
import io.slipway.worker.linux.Linux;
import io.slipway.worker.linux.MemoryKills;
import io.slipway.worker.sandbox.ContainerMount;
import io.slipway.worker.sandbox.DeniedAddresses;
import io.slipway.worker.sandbox.Emulation;
import io.slipway.worker.sandbox.Network;
import io.slipway.worker.sandbox.OciRuntime;
import io.slipway.worker.snapshot.Overlay;
import io.slipway.worker.snapshot.SnapshotStore;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * What a worker has ready before it knows its build: stores, runtime, a directory in memory, the network. Needs to be root in
 * a user and mount namespace of its own. Thread-safe.
 */
public final class Workspace implements AutoCloseable {
    private static final Path UNIFIED_CGROUP = Path.of("/sys/fs/cgroup/unified");
    /** Small enough that no healthy disk has less, large enough for what others free while we look. */
    private static final long LEAST_FREE_BYTES = 16 * 1024 * 1024;

    /** Names that no project has: theirs begin with a letter or a digit. */
    private static final String DOWNLOADS = ".downloads";

    private static final String SNAPSHOTS = ".snapshots";

    private final Path home;
    private final Path memory;
    private final ContentStore shared;
    private final SnapshotStore snapshots;
    private final ContentStore.Exclusion unpacking;
    private final OciRuntime runtime;
    private final Emulation emulation;
    private final Fd stubs;
    private final Fd empty;
    private final Path resolver;
    private final AtomicInteger numbers = new AtomicInteger();
    private final WorkDirectory work;
    private final CompletableFuture<Network> network;
    private final CompletableFuture<Boolean> prepared;
    private final MemoryKills memoryKills;
    private volatile @Nullable Path buildMemory;
    private volatile ContentStore content;

    private Workspace(
            Path home,
            WorkDirectory work,
            Path memory,
            ContentStore content,
            SnapshotStore snapshots,
            ContentStore.Exclusion unpacking,
            OciRuntime runtime,
            Emulation emulation,
            Fd stubs,
            Fd empty,
            Path resolver,
            CompletableFuture<Network> network,
            CompletableFuture<Boolean> prepared,
            MemoryKills memoryKills) {
        this.home = home;
        this.work = work;
        this.memory = memory;
        this.shared = content;
        this.content = content;
        this.snapshots = snapshots;
        this.unpacking = unpacking;
        this.runtime = runtime;
        this.emulation = emulation;
        this.stubs = stubs;
        this.empty = empty;
        this.resolver = resolver;
        this.network = network;
        this.prepared = prepared;
        this.memoryKills = memoryKills;
    }

    /** Sets a workspace up of a worker that has no control group of its own. */
    public static Workspace open(Path home, String runtime) throws IOException {
        return open(home, runtime, new MemoryKills(null), DeniedAddresses.NONE);
    }

    /**
     * Sets a workspace up.
     *
     * @param home the directory of all data, {@code SLIPWAY_HOME}
     * @param runtime name or path of the OCI runtime
     * @param memoryKills of the worker's control group
     * @param denied what no RUN reaches
     */
    public static Workspace open(Path home, String runtime, MemoryKills memoryKills, DeniedAddresses denied)
            throws IOException {
        AfterBoot.check(home.resolve("store"));
        // One mount point serves all workers: each mounts in a mount namespace of its own.
        Path memory = Files.createDirectories(home.resolve("work").resolve("memory"));
        Linux.mount("tmpfs", memory.toString(), "tmpfs", Linux.MS_NOSUID | Linux.MS_NODEV, "mode=755");
        if (Files.isDirectory(UNIFIED_CGROUP)) {
            // crun refuses to start where cgroups of both versions are mounted ("hybrid"); we use none of them.
            Linux.mount("tmpfs", UNIFIED_CGROUP.toString(), "tmpfs", 0, null);
        }
        Overlay.prepareProcess();
        Path resolver = Files.writeString(
                memory.resolve("resolv.conf"), Network.resolvConf(Path.of("/etc/resolv.conf"), denied));
        Path empty = Files.createDirectory(memory.resolve("empty"));
        Path store = home.resolve("store");
        WorkDirectory work = new WorkDirectory(home.resolve("work"));
        Path networkDirectory = Files.createDirectory(memory.resolve("network"));
        OciRuntime containers = new OciRuntime(Files.createDirectory(memory.resolve("runtime")), runtime);
        return new Workspace(
                home,
                work,
                memory,
                ContentStore.at(store, work::newPath, claims(store, DOWNLOADS)),
                SnapshotStore.at(store.resolve("snapshots"), work::newPath),
                claims(store, SNAPSHOTS),
                containers,
                new Emulation(Files.createDirectory(memory.resolve("binfmt"))),
                Linux.openDirectory(stubs(memory.resolve("stubs")).toString()),
                Linux.openDirectory(empty.toString()),
                resolver,
                ahead("network", () -> Network.start(networkDirectory, denied)),
                ahead("runtime", () -> prepare(containers, store)),
                memoryKills);
    }

    /** What one worker at a time does for all of the machine. */
    private static ContentStore.Exclusion claims(Path store, String name) throws IOException {
        RunningSteps running = RunningSteps.at(store.resolve("running"), name);
        return blob -> {
            try {
                return running.claim(blob, () -> {})::close;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted");
            }
        };
    }

    /**
     * The lowest directory of every RUN's overlay: the mount points that the runtime needs. An image that lacks them gets no
     * trace of them in its layers, and nothing has to be cleaned up afterwards (compare CVE-2024-23652).
     */
    private static Path stubs(Path stubs) throws IOException {
        Files.createDirectory(stubs);
        Files.createDirectory(stubs.resolve("etc"));
        Files.createFile(stubs.resolve("etc/hosts"));
        Files.createFile(stubs.resolve("etc/resolv.conf"));
        return stubs;
    }

    private static boolean prepare(OciRuntime containers, Path store) throws IOException, InterruptedException {
        containers.prepare(store.resolve("seccomp"));
        return true;
    }

    private static <T> CompletableFuture<T> ahead(String name, Callable<T> task) {
        CompletableFuture<T> result = new CompletableFuture<>();
        Thread.ofPlatform().daemon().name(name).start(() -> {
            try {
                result.complete(task.call());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                result.completeExceptionally(e);
            } catch (Exception e) {
                result.completeExceptionally(e);
            }
        });
        return result;
    }

    /**
     * Makes the build's own directory on disk, {@code home/work/NAME}: what a killed worker leaves is found by this name. And one in
     * memory, for secrets, mount points and the like.
     *
     * @param name the build's id and attempt; must be free
     * @param tenant whose build it is: of the content store it sees what is that one's
     */
    public void begin(String name, String tenant) throws IOException {
        content = shared.heldBy(tenant);
        work.begin(name);
        Path directory = Files.createDirectories(memory.resolve("build"));
        Linux.mount("tmpfs", directory.toString(), "tmpfs", Linux.MS_NOSUID | Linux.MS_NODEV, "mode=755");
        buildMemory = directory;
    }

    /** The directory of what the build has not finished yet; null if none has begun. */
    @Nullable
    Path work() {
        return work.directory();
    }

    /** The directory of all data. */
    public Path home() {
        return home;
    }

    ContentStore content() {
        return content;
    }

    SnapshotStore snapshots() {
        return snapshots;
    }

    /** Gives each layer, by a name that says which and where it comes from, to one worker of the machine at a time, to unpack it. */
    ContentStore.Exclusion unpacking() {
        return unpacking;
    }

    /** How often the kernel has killed for want of memory among what this worker has started. */
    MemoryKills memoryKills() {
        return memoryKills;
    }

    OciRuntime runtime() {
        return runtime;
    }

    Emulation emulation() {
        return emulation;
    }

    Fd stubs() {
        return stubs;
    }

    /** Such a directory of the caller's own, for more mount points. */
    Path newStubs() throws IOException {
        return stubs(newMemoryPath());
    }

    Fd empty() {
        return empty;
    }

    /**
     * The files that every RUN has in place of the image's.
     *
     * @param hostname the container's own name
     */
    List<ContainerMount> systemFiles(String hostname) throws IOException {
        Path hosts = Files.writeString(newMemoryPath(), Network.hosts(hostname));
        return List.of(
                new ContainerMount.Bind(hosts.toString(), "/etc/hosts", true),
                new ContainerMount.Bind(resolver.toString(), "/etc/resolv.conf", true));
    }

    /** The network of RUN steps; waits until it is there. */
    Network network() throws IOException {
        try {
            return network.join();
        } catch (CompletionException e) {
            Throwable cause = e.getCause();
            throw new IOException(cause == null ? "RUN has no network" : cause.getMessage(), e);
        }
    }

    /** Waits until everything that was started ahead is there, or has failed. */
    public void awaitReady() {
        network.handle((_, _) -> null).join();
        prepared.handle((_, failure) -> {
                    if (failure != null) {
                        // Containers start without it, only later; what is wrong with the runtime they will say
                        // themselves.
                        System.err.println("the OCI runtime could not be prepared: " + failure);
                    }
                    return null;
                })
                .join();
    }

    /** A new directory on disk, for an upper directory and what belongs to it. */
    Path newDirectory() throws IOException {
        return Files.createDirectory(newPath());
    }

    /** A new path on disk in the build's own directory, which does not exist yet: for what is on its way into a store. */
    Path newPath() {
        return work.newPath();
    }

    /** A new path in memory, which does not exist yet; gone with the build that is under way, if one is. */
    public Path newMemoryPath() {
        Path directory = buildMemory;
        return (directory == null ? memory : directory).resolve("f" + numbers.incrementAndGet());
    }

    /** Whether nearly nothing more can be written below the directory of all data. */
    boolean isDiskFull() {
        return home.toFile().getUsableSpace() < LEAST_FREE_BYTES;
    }

    /** Removes the build's own directories, on disk and in memory, with whatever is still mounted there; another build may begin. */
    public void end() throws IOException {
        Path directory = buildMemory;
        if (directory != null) {
            buildMemory = null;
            Linux.unmount(directory.toString(), Linux.MNT_DETACH);
        }
        work.end();
    }

    @Override
    public void close() throws IOException {
        end();
        Linux.unmount(memory.toString(), Linux.MNT_DETACH);
    }
}
