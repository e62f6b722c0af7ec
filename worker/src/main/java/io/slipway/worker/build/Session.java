package io.slipway.worker.build;

import io.slipway.image.Descriptor;
import io.slipway.image.Digest;
import io.slipway.image.ImageReference;
import io.slipway.image.Platform;
import io.slipway.image.compression.Compression;
import io.slipway.image.layer.Layer;
import io.slipway.image.layer.LayerException;
import io.slipway.image.layer.LayerReader;
import io.slipway.image.layer.LayerWriter;
import io.slipway.image.registry.RegistryClient;
import io.slipway.image.tar.TarEntry;
import io.slipway.image.tar.TarException;
import io.slipway.protocol.BuildSpec;
import io.slipway.worker.cache.CacheRecord;
import io.slipway.worker.cache.CachedStep;
import io.slipway.worker.cache.Inputs;
import io.slipway.worker.cache.Remark;
import io.slipway.worker.cache.RunningSteps;
import io.slipway.worker.cache.StepCache;
import io.slipway.worker.cache.StepHistory;
import io.slipway.worker.guard.SecretGuard;
import io.slipway.worker.linux.Fd;
import io.slipway.worker.linux.Linux;
import io.slipway.worker.mount.CacheDirectories;
import io.slipway.worker.remote.Once;
import io.slipway.worker.remote.Remotes;
import io.slipway.worker.rootfs.RootTree;
import io.slipway.worker.snapshot.Overlay;
import io.slipway.worker.snapshot.Snapshot;
import io.slipway.worker.snapshot.SnapshotStore;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What all steps of one build share: where things are and how a layer gets committed, found and unpacked. Thread-safe.
 *
 * @param epoch SOURCE_DATE_EPOCH, or null
 * @param contexts the build's own context, and the named ones
 * @param history what steps that were done before depended on
 * @param imported the caches of others
 * @param results what steps came to so far
 * @param steps the steps that are being done right now, in this build or another one
 * @param caches the directories of cache mounts
 * @param remotes what ADD takes from elsewhere
 * @param guard looks for secrets in what is committed
 * @param limit how long a step may take
 * @param executor threads of this build; shutting it down interrupts them
 * @param commits how many layers are committed at once: each holds some MiB of blocks
 * @param turns how many commands go on at once
 */
record Session(
        Workspace workspace,
        BuildSpec spec,
        Platform platform,
        Compression compression,
        @Nullable Instant epoch,
        Contexts contexts,
        StepCache cache,
        StepHistory history,
        ImportedCache imported,
        Results results,
        RunningSteps steps,
        CacheDirectories caches,
        RegistryClient registry,
        Remotes remotes,
        SecretGuard guard,
        StepLog log,
        StepLimit limit,
        ExecutorService executor,
        Semaphore commits,
        CommandTurns turns) {

    /** The same for another platform of the build. */
    Session of(Platform other, @Nullable Instant itsEpoch) {
        return new Session(
                workspace,
                spec,
                other,
                compression,
                itsEpoch,
                contexts,
                cache,
                history,
                imported,
                results,
                steps,
                caches,
                registry,
                remotes,
                guard,
                log,
                limit,
                executor,
                commits,
                turns);
    }

    /** What a layer's modification times become. */
    Instant clamp(Instant time) {
        return epoch != null && time.isAfter(epoch) ? epoch : time;
    }

    /** The time that history and config carry for what is made now, RFC 3339 in whole seconds. */
    String now() {
        Instant time = epoch != null ? epoch : Instant.now();
        return time.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    /** The key of a step: of its kind, of what all layers of this build depend on, and of what it depends on itself. */
    StepKey key(String kind, Lineage on, StepKey.Description description) throws IOException {
        return StepKey.of(kind, on, likeAll(description));
    }

    /** A description with what all layers of this build depend on. */
    StepKey.Description likeAll(StepKey.Description description) {
        return key -> {
            key.part(Inputs.Kind.COMPRESSION).add(compression.fingerprint());
            key.part(Inputs.Kind.EPOCH).add(epoch == null ? null : Long.toString(epoch.getEpochSecond()));
            key.part(Inputs.Kind.INSTRUCTION);
            description.addTo(key);
        };
    }

    /** Does a step. The layer may still be on its way to the store afterwards. */
    @FunctionalInterface
    interface Maker {
        StepLayer make() throws IOException, InterruptedException, BuildFailure;
    }

    /**
     * Finds a step's result in the cache, or does it. Whoever does the same at the same time, in this build or in another one of the tenant,
     * waits until the result is in the cache; if there is none because the worker was killed, the next one does it; if the step has failed, all who have waited do it at once.
     */
    StepResult once(StepKey key, StepLog.Running log, Maker maker)
            throws IOException, InterruptedException, BuildFailure {
        return added(found(key, log, () -> limit.within(log, maker::make)));
    }

    /** The same for a command, which waits for its turn if it is not found. */
    StepResult onceInTurn(StepKey key, StepLog.Running log, Maker maker)
            throws IOException, InterruptedException, BuildFailure {
        return added(found(key, log, () -> turns.within(log, () -> limit.within(log, maker::make))));
    }

    private StepResult added(StepResult result) {
        results.add(result.layer());
        return result;
    }

    private StepResult found(StepKey key, StepLog.Running log, Maker maker)
            throws IOException, InterruptedException, BuildFailure {
        if (spec.noCache()) {
            StepMiss miss = log.missed(StepMiss.of(this, key, log));
            return new StepResult(miss.keptWith(maker.make()), false);
        }
        StepLayer known = lookUp(key);
        if (known != null) {
            if (known.origin() != null) {
                StepMiss.keepImported(this, key, log);
            }
            return new StepResult(known, true);
        }
        AtomicBoolean waited = new AtomicBoolean();
        Instant asked = Instant.now();
        RunningSteps.Claim claim = steps.claim(key.chain(), () -> {
            waited.set(true);
            log.say("waiting for the same step, which somebody else is doing already");
        });
        boolean busy = false;
        try {
            if (waited.get()) {
                log.waited(Duration.between(asked, Instant.now()));
            }
            StepLayer done = lookUp(key);
            if (done == null && key.byContent() != null) {
                done = lookUp(key, key.byContent());
            }
            if (done != null) {
                return new StepResult(done, true);
            }
            if (waited.get() && steps.hasFailedSince(key.chain(), asked)) {
                // The next one would most likely fail as well: nobody waits for more than one who does.
                claim.close();
            }
            StepMiss miss = log.missed(StepMiss.of(this, key, log));
            StepLayer made;
            try {
                made = miss.keptWith(maker.make());
            } catch (BuildFailure e) {
                steps.failed(key.chain());
                throw e;
            }
            busy = true;
            made.whenCommitted((_, _) -> claim.close());
            return new StepResult(made, false);
        } finally {
            if (!busy) {
                claim.close();
            }
        }
    }

    /** The content that a step runs on, if it was looked up by that: else nobody has waited for it, and nobody should. */
    @Nullable
    Digest lookedUp(StepKey key) throws IOException {
        return cache.knows(key.step()) ? key.on().digest() : null;
    }

    /** What the caches have for a step, or null; waits for the content that it runs on only if there can be a hit. */
    private @Nullable StepLayer lookUp(StepKey key) throws IOException {
        CachedStep own = own(key.step(), key.on()::digest);
        if (own != null) {
            return own(key, own);
        }
        ImportedCache.Found other = imported.find(key.step(), key.on()::digest);
        // What else it is called there is for whoever wrote that to say: it would be believed of other steps.
        return other == null ? null : imported(key, other, null);
    }

    /** The same by what the step reads from other stages. The next time it is found by its key. */
    private @Nullable StepLayer lookUp(StepKey key, StepKey.ByContent byContent) throws IOException {
        CachedStep own = own(byContent.step(), byContent::content);
        if (own != null) {
            cache.put(key.step(), key.on().digest(), own);
            return own(key, own);
        }
        ImportedCache.Found other = imported.find(byContent.step(), byContent::content);
        return other == null ? null : imported(key, other, key.nameByContent());
    }

    private @Nullable CachedStep own(Digest step, Once.Maker<Digest> on) throws IOException {
        CachedStep known = cache.knows(step) ? cache.find(step, on.make()) : null;
        return known != null && workspace.content().use(known.layer()) ? known : null;
    }

    private StepLayer own(StepKey key, CachedStep known) {
        Layer layer = new Layer(known.diffId(), known.layer());
        return new StepLayer(
                CompletableFuture.completedFuture(layer),
                () -> unpack(layer),
                known.created(),
                known.remarks(),
                null,
                key,
                () -> {});
    }

    /**
     * What is remembered of a step that has a layer, for other machines: as it is in the own cache, or in the one that it was found in, which may
     * know a second name that the own cache does not.
     */
    CachedStep remembered(StepKey key, StepLayer step) throws IOException {
        Digest on = key.on().digest();
        StepKey.ByContent byContent = key.byContent();
        CachedStep own = cache.find(key.step(), on);
        if (own != null && (own.byContent() != null || byContent == null)) {
            return own;
        }
        ImportedCache.Found other = imported.find(key.step(), () -> on);
        if (other == null && own == null && byContent != null) {
            other = imported.find(byContent.step(), byContent::content);
        }
        Layer layer = step.layer();
        if (other != null && byContent != null && other.step().diffId().equals(layer.diffId())) {
            return other.step();
        }
        return own != null ? own : CachedStep.of(layer.diffId(), layer.descriptor(), step.created(), step.remarks());
    }

    private StepLayer imported(StepKey key, ImportedCache.Found found, CachedStep.@Nullable ByContent name) {
        CachedStep step = found.step().named(name);
        Layer layer = new Layer(step.diffId(), step.layer());
        StepLayer.Work fetch = () -> {
            if (layer.isEmpty()) {
                write(_ -> {});
            } else {
                found.origin().fetch(layer.descriptor());
            }
            cache.put(key.step(), key.on().digest(), step);
        };
        return new StepLayer(
                CompletableFuture.completedFuture(layer),
                () -> {
                    fetch.run();
                    try {
                        // What its record says of the blob of an empty layer proves nothing, and nobody has fetched it.
                        return unpack(layer.isEmpty() ? write(_ -> {}) : layer);
                    } catch (IOException e) {
                        cache.remove(key.step(), key.on().digest(), step);
                        throw ImportedCacheException.of(found.origin(), e);
                    }
                },
                step.created(),
                step.remarks(),
                found.origin().reference(),
                key,
                fetch);
    }

    /**
     * Makes what a new cache mount begins with, if an imported cache has it.
     *
     * @param name names it beyond tenants and machines
     * @return whether it did
     */
    boolean importMount(Digest name, Path made) throws IOException {
        MountLayers.Imported mount = imported.mount(name);
        if (mount == null) {
            return false;
        }
        try {
            MountLayers.unpack(this, mount, made);
            return true;
        } catch (IOException e) {
            if (Failures.isInterrupt(e)) {
                throw e;
            }
            imported.origins().say("a cache mount begins as if there were none to import: " + e.getMessage());
            return false;
        }
    }

    /** A cache mount that an imported cache has, or null. */
    MountLayers.@Nullable Imported importedMount(Digest name) throws IOException {
        return imported.mount(name);
    }

    /** When something that has no layer was made for the first time, here or by who exported a cache; now, if it never was. */
    String firstMade(Digest what, Digest on) throws IOException {
        CachedStep known = cache.find(what, on);
        if (known == null) {
            ImportedCache.Found other = imported.find(what, () -> on);
            known = other == null ? null : other.step();
        }
        if (known == null) {
            known = CachedStep.of(on, new Descriptor("", on, 0), now(), List.of());
        }
        cache.put(what, on, known);
        results.add(new CacheRecord(what, on, known));
        return known.created();
    }

    /**
     * The snapshot of a layer whose blob is in the content store.
     *
     * @throws NoSuchFileException if it is not there, or not the tenant's
     */
    Snapshot unpack(Layer layer) throws IOException {
        if (!workspace.content().use(layer.descriptor())) {
            throw new NoSuchFileException(layer.descriptor().digest().toString());
        }
        return unpackOnce(layer, layer.diffId(), () -> true, () -> {
            try (InputStream blob = workspace.content().open(layer.descriptor().digest())) {
                return unpack(layer, blob);
            }
        });
    }

    /** The snapshot of a layer that, if it is not in the content store yet, is pulled from there and unpacked while it arrives. */
    Snapshot unpack(Layer layer, ImageReference from) throws IOException {
        // Named by where it comes from: whoever lets a layer of this digest drip from elsewhere holds nobody else up.
        Digest name = Digest.of((from.host() + " " + layer.diffId()).getBytes(StandardCharsets.UTF_8));
        return unpackOnce(
                layer,
                name,
                () -> registry.mayHave(from, layer.descriptor()),
                () -> registry.pull(from, layer.descriptor(), blob -> unpack(layer, blob)));
    }

    @FunctionalInterface
    private interface Unpacking {
        Snapshot run() throws IOException;
    }

    /** Whether the tenant may have something without fetching it. */
    @FunctionalInterface
    private interface Permission {
        boolean isGiven() throws IOException;
    }

    /**
     * Whoever wants the same layer at the same time, in any worker, waits for the one that was first.
     *
     * @param permission for what the blob holds
     */
    private Snapshot unpackOnce(Layer layer, Digest name, Permission permission, Unpacking unpacking)
            throws IOException {
        Snapshot known = unpacked(layer, permission);
        if (known != null) {
            return known;
        }
        try (Closeable _ = workspace.unpacking().claim(name)) {
            known = unpacked(layer, permission);
            if (known != null) {
                return known;
            }
            Snapshot made = unpacking.run();
            workspace.content().noteDiffId(layer.descriptor().digest(), layer.diffId());
            return made;
        }
    }

    /** The snapshot of a layer whose blob was found to be that one: an image's config can name any diff ID beside any blob. Null if there is none. */
    private @Nullable Snapshot unpacked(Layer layer, Permission permission) throws IOException {
        return workspace.content().hasDiffId(layer.descriptor().digest(), layer.diffId()) && permission.isGiven()
                ? workspace.snapshots().find(layer.diffId())
                : null;
    }

    private Snapshot unpack(Layer layer, InputStream blob) throws IOException {
        return workspace.snapshots().unpack(layer.diffId(), sink -> {
            try (LayerReader reader = LayerReader.open(blob, layer.diffId(), LayerReader.DEFAULT_LIMITS)) {
                TarEntry entry;
                while ((entry = reader.next()) != null) {
                    sink.add(entry, reader.content());
                }
            } catch (TarException e) {
                throw new LayerException("the layer is broken: " + e.getMessage(), e);
            }
        });
    }

    /**
     * Commits a layer beside other work and remembers it as the result of a step.
     *
     * @param remarks what is to be said whenever the step's result is used
     * @param tree directory that holds the layer unpacked already, or null
     */
    CompletableFuture<Layer> commit(
            StepKey key, String created, List<Remark> remarks, SnapshotStore.EntrySource entries, @Nullable Path tree) {
        CompletableFuture<Layer> committed = new CompletableFuture<>();
        var _ = executor.submit(() -> {
            try {
                Layer layer;
                commits.acquire();
                try {
                    layer = write(entries);
                    if (tree != null) {
                        workspace.snapshots().adopt(tree, layer.diffId());
                    }
                } finally {
                    commits.release();
                }
                List<Remark> all = Stream.concat(remarks.stream(), guard.found(layer.diffId()).stream())
                        .toList();
                // May wait for the layers below, which have to be written first: so not while others wait to write.
                Digest on = key.on().digest();
                cache.put(
                        key.step(),
                        on,
                        new CachedStep(layer.diffId(), layer.descriptor(), created, all, key.nameByContent()));
                committed.complete(layer);
            } catch (Throwable t) {
                committed.completeExceptionally(t);
            }
            return null;
        });
        return committed;
    }

    /** Writes a layer into the content store. */
    Layer write(SnapshotStore.EntrySource entries) throws IOException {
        try (LayerWriter writer = new LayerWriter(workspace.content(), compression, false)) {
            SecretGuard.Watch watch = guard.watch();
            entries.writeTo(watch.over(writer::add));
            Layer layer = writer.finish();
            guard.keep(layer.diffId(), watch.remarks());
            return layer;
        }
    }

    /**
     * The lower directories of an overlay of these layers, the topmost first. The kernel takes none twice (ELOOP); of a layer that comes again the
     * lower one shows nowhere anyhow.
     */
    List<Fd> directories(List<StepLayer> layers) throws IOException {
        unpackAtOnce(layers);
        Map<Long, Fd> byInode = new LinkedHashMap<>();
        for (StepLayer layer : layers.reversed()) {
            Fd directory = layer.directory();
            byInode.putIfAbsent(Linux.stat(directory).inode(), directory);
        }
        return List.copyOf(byInode.values());
    }

    /** Fetches and unpacks layers side by side if several are not unpacked yet, as of a base that is new to this machine. */
    private void unpackAtOnce(List<StepLayer> layers) {
        List<StepLayer> packed =
                layers.stream().filter(layer -> !layer.isUnpacked()).toList();
        if (packed.size() > 1) {
            for (StepLayer layer : packed) {
                // What goes wrong is told to whoever asks for the directory.
                var _ = executor.submit(layer::directory);
            }
        }
    }

    /** The root file system of these layers, to look at. The caller closes it. */
    RootTree openRoot(List<StepLayer> layers) throws IOException {
        List<Fd> directories = directories(layers);
        if (directories.size() <= 1) {
            Fd only = directories.isEmpty() ? workspace.empty() : directories.getFirst();
            return new RootTree(Linux.open(only, ".", Linux.O_PATH | Linux.O_DIRECTORY, 0, 0), () -> {});
        }
        Overlay overlay = Overlay.readOnly(directories, Files.createDirectory(workspace.newMemoryPath()));
        return new RootTree(Linux.openDirectory(overlay.path().toString()), overlay);
    }
}
