package io.slipway.worker.build;

import io.slipway.image.layer.Layer;
import io.slipway.worker.cache.Inputs;
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

    /**
     * Copies, or finds the result of the same copy.
     *
     * @param unpackAhead whether a later step will look at the files: they are then unpacked beside being compressed
     * @param log the step's
     */
    StepResult execute(boolean unpackAhead, StepLog.Running log)
            throws IOException, InterruptedException, BuildFailure {
        return switch (from) {
            case Source.Files(FileContext context) -> copy(context.tree(), unpackAhead, log);
            case Source.Image(ImageState image) -> copy(image, unpackAhead, log);
        };
    }

    private StepResult copy(ImageState image, boolean unpackAhead, StepLog.Running log)
            throws IOException, InterruptedException, BuildFailure {
        StepKey key = session.key("copy from 6", on(), hash -> {
            describe(hash);
            hash.part(Inputs.Kind.SOURCE).add(image.lineage().digest().hex());
        });
        if (from.isOfStage()) {
            key = key.orByContent(session.likeAll(this::describe), hash -> {
                try (RootTree source = session.openRoot(image.layers())) {
                    Copying.of(request, new RootSource(source), Map.of()).addTo(hash);
                }
            });
        }
        return copy(key, image, unpackAhead, log);
    }

    private StepResult copy(StepKey key, ImageState image, boolean unpackAhead, StepLog.Running log)
            throws IOException, InterruptedException, BuildFailure {
        return session.once(key, log, () -> {
            // Not closed before the commit has read the files: the commit closes it.
            RootTree source = session.openRoot(image.layers());
            return make(key, Copying.of(request, new RootSource(source), Map.of()), unpackAhead);
        });
    }

    /** What comes from elsewhere is in the key by what the servers say it is, and fetched only if the step has to be done. */
    private StepResult copy(SourceTree tree, boolean unpackAhead, StepLog.Running log)
            throws IOException, InterruptedException, BuildFailure {
        List<String> local = request.words().stream()
                .filter(word -> !remotes.containsKey(word))
                .toList();
        Copying copying = Copying.of(request.withWords(local), tree, Map.of());
        StepKey key = session.key("copy 6", on(), hash -> {
            describe(hash);
            int number = 1;
            for (Remote remote : remotes.values()) {
                remote.addTo(hash.part(Inputs.Kind.ADDRESS, Integer.toString(number++)));
            }
            copying.addTo(hash);
        });
        return session.once(key, log, () -> {
            if (remotes.isEmpty()) {
                return make(key, copying, unpackAhead);
            }
            Map<String, Fetched> fetched = new HashMap<>();
            for (Map.Entry<String, Remote> remote : remotes.entrySet()) {
                fetched.put(remote.getKey(), remote.getValue().fetch());
            }
            return make(key, Copying.of(request, tree, fetched), unpackAhead);
        });
    }

    /** The content that the layer depends on: none if it is linked, so that it stays when what is below changes. */
    private Lineage on() {
        return request.link() ? Lineage.SCRATCH : state.lineage();
    }

    private void describe(KeyHash key) {
        key.add(request.words())
                .add(request.destination())
                .add(request.ownership().chown())
                .add(request.ownership().chmod())
                .add(request.unpack().name())
                .add(Boolean.toString(request.link()))
                .add(Boolean.toString(request.parents()))
                .add(excludes());
        key.count(request.heredocs().size());
        request.heredocs().forEach(heredoc -> key.add(heredoc.name()).add(heredoc.body()));
        key.part(Inputs.Kind.WORKING_DIRECTORY).add(state.workingDirectory());
    }

    /** Their order means nothing unless one takes back what another excludes. */
    private List<String> excludes() {
        List<String> patterns = request.excludes();
        return patterns.stream().anyMatch(pattern -> pattern.startsWith("!"))
                ? patterns
                : patterns.stream().sorted().toList();
    }

    private StepLayer make(StepKey key, Copying copying, boolean unpackAhead) throws IOException {
        Path directory = session.workspace().newDirectory();
        CopyPlan plan;
        try (RootTree target = session.openRoot(request.link() ? List.of() : state.layers())) {
            plan = copying.plan(target, directory);
        }
        return write(key, plan, directory, unpackAhead);
    }

    private StepLayer write(StepKey key, CopyPlan plan, Path directory, boolean unpackAhead) throws IOException {
        SnapshotStore.EntrySource entries = plan.entries(session::clamp);
        String created = session.now();
        if (!unpackAhead) {
            CompletableFuture<Layer> layer = session.commit(key, created, plan.remarks(), entries, null);
            return StepLayer.made(layer, () -> session.unpack(layer.join()), created, plan.remarks(), key);
        }
        Path tree = Files.createDirectory(directory.resolve("tree"));
        Future<Snapshot> unpacked = session.executor().submit(() -> SnapshotStore.unpackInto(tree, entries));
        CompletableFuture<Layer> layer = session.commit(
                key,
                created,
                plan.remarks(),
                sink -> {
                    entries.writeTo(sink);
                    await(unpacked);
                },
                tree);
        return StepLayer.made(layer, () -> await(unpacked), created, plan.remarks(), key);
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
