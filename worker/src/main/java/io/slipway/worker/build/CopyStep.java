package io.slipway.worker.build;

import io.slipway.image.Digest;
import io.slipway.image.layer.Layer;
import io.slipway.worker.cache.KeyHash;
import io.slipway.worker.copy.CopyPlan;
import io.slipway.worker.copy.CopyRequest;
import io.slipway.worker.copy.Copying;
import io.slipway.worker.copy.Fetched;
import io.slipway.worker.copy.RootSource;
import io.slipway.worker.copy.SourceTree;
import io.slipway.worker.remote.Remote;
import io.slipway.worker.rootfs.RootTree;
import io.slipway.worker.snapshot.Snapshot;
import io.slipway.worker.snapshot.SnapshotStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;

/** COPY and ADD: the layer is written straight from its sources, without a container. */
final class CopyStep {
    private final Session session;
    private final ImageState state;
    private final CopyRequest request;
    private final Source from;
    private final Map<String, Remote> remotes;

    /**
     * A copy.
     *
     * @param from what is copied from
     * @param remotes what the words stand for that are addresses
     */
    CopyStep(Session session, ImageState state, CopyRequest request, Source from, Map<String, Remote> remotes) {
        this.session = session;
        this.state = state;
        this.request = request;
        this.from = from;
        this.remotes = remotes;
    }

    /** The step's layer and whether it came from the cache. */
    record Result(StepLayer layer, boolean cached) {}

    /**
     * Copies, or finds the result of the same copy.
     *
     * @param unpackAhead whether a later step will look at the files: they are then unpacked beside being compressed
     */
    Result execute(boolean unpackAhead) throws IOException, InterruptedException {
        return switch (from) {
            case Source.Files(FileContext context) -> copy(context.tree(), unpackAhead);
            case Source.Image(ImageState image) -> copy(image, unpackAhead);
        };
    }

    private Result copy(ImageState image, boolean unpackAhead) throws IOException, InterruptedException {
        Digest key = key("copy from 4").add(image.lineage().digest().hex()).digest();
        StepLayer known = session.lookUp(key, on());
        if (known != null) {
            return new Result(known, true);
        }
        // Not closed before the commit has read the files: the commit closes it.
        RootTree source = session.openRoot(image.layers());
        return execute(key, Copying.of(request, new RootSource(source), Map.of()), unpackAhead);
    }

    /** What comes from elsewhere is in the key by what the servers say it is, and fetched only if the step has to be done. */
    private Result copy(SourceTree tree, boolean unpackAhead) throws IOException, InterruptedException {
        List<String> local = request.words().stream()
                .filter(word -> !remotes.containsKey(word))
                .toList();
        Copying copying = Copying.of(request.withWords(local), tree, Map.of());
        KeyHash key = key("copy 4");
        copying.addTo(key);
        for (Remote remote : remotes.values()) {
            remote.addTo(key);
        }
        Digest digest = key.digest();
        if (remotes.isEmpty()) {
            return execute(digest, copying, unpackAhead);
        }
        StepLayer known = session.lookUp(digest, on());
        if (known != null) {
            return new Result(known, true);
        }
        Map<String, Fetched> fetched = new HashMap<>();
        for (Map.Entry<String, Remote> remote : remotes.entrySet()) {
            fetched.put(remote.getKey(), remote.getValue().fetch());
        }
        return execute(digest, Copying.of(request, tree, fetched), unpackAhead);
    }

    /** The content that the layer depends on: none if it is linked, so that it stays when what is below changes. */
    private Lineage on() {
        return request.link() ? Lineage.SCRATCH : state.lineage();
    }

    private KeyHash key(String kind) {
        KeyHash key = session.key(kind)
                .add(request.words())
                .add(request.destination())
                .add(state.workingDirectory())
                .add(request.ownership().chown())
                .add(request.ownership().chmod())
                .add(request.unpack().name())
                .add(Boolean.toString(request.link()))
                .add(Boolean.toString(request.parents()))
                .add(request.excludes());
        key.add(request.heredocs().size());
        request.heredocs().forEach(heredoc -> key.add(heredoc.name()).add(heredoc.body()));
        return key;
    }

    private Result execute(Digest key, Copying copying, boolean unpackAhead) throws IOException, InterruptedException {
        StepLayer known = session.lookUp(key, on());
        if (known != null) {
            return new Result(known, true);
        }
        Path directory = session.workspace().newDirectory();
        CopyPlan plan;
        try (RootTree target = session.openRoot(request.link() ? List.of() : state.layers())) {
            plan = copying.plan(target, directory);
        }
        return new Result(write(key, plan, directory, unpackAhead), false);
    }

    private StepLayer write(Digest key, CopyPlan plan, Path directory, boolean unpackAhead) throws IOException {
        SnapshotStore.EntrySource entries = plan.entries(session::clamp);
        String created = session.now();
        if (!unpackAhead) {
            CompletableFuture<Layer> layer = session.commit(key, on(), created, plan.remarks(), entries, null);
            return new StepLayer(layer, () -> session.unpack(layer.join()), created, plan.remarks(), null);
        }
        Path tree = Files.createDirectory(directory.resolve("tree"));
        Future<Snapshot> unpacked = session.executor().submit(() -> SnapshotStore.unpackInto(tree, entries));
        CompletableFuture<Layer> layer = session.commit(
                key,
                on(),
                created,
                plan.remarks(),
                sink -> {
                    entries.writeTo(sink);
                    await(unpacked);
                },
                tree);
        return new StepLayer(layer, () -> await(unpacked), created, plan.remarks(), null);
    }

    /** The tree may be moved into the snapshot store only when it is whole. */
    private static Snapshot await(Future<Snapshot> unpacked) throws IOException {
        try {
            return unpacked.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException cause) {
                throw cause;
            }
            throw new IOException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new java.io.InterruptedIOException();
        }
    }
}
