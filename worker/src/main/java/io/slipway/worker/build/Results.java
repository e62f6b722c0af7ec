package io.slipway.worker.build;

import io.slipway.worker.cache.CacheRecord;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;

/** What a build's steps came to so far, found or made: what other machines may be told of. Thread-safe. */
final class Results {
    private final ConcurrentLinkedQueue<StepLayer> layers = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<CompletableFuture<Void>> fetches = new ConcurrentLinkedQueue<>();
    private final Set<UsedMount> mounts = ConcurrentHashMap.newKeySet();
    private final ConcurrentLinkedQueue<CacheRecord> times = new ConcurrentLinkedQueue<>();

    /** A step has a layer, which may not be committed yet. */
    void add(StepLayer layer) {
        layers.add(layer);
    }

    /** A step has a cache mounted. */
    void add(UsedMount mount) {
        mounts.add(mount);
    }

    /** An image that differs from its base in its config only was made at a time. */
    void add(CacheRecord time) {
        times.add(time);
    }

    /** Brings a layer of the image into the content store beside other work, if it is another machine's: from here the image can be pulled, too. */
    void neededHere(StepLayer layer, Executor executor) {
        if (layer.origin() != null) {
            fetches.add(CompletableFuture.runAsync(
                    () -> {
                        try {
                            layer.fetch();
                        } catch (IOException e) {
                            throw new CompletionException(e);
                        }
                    },
                    executor));
        }
    }

    /** Waits until the layers of the image are in the content store. */
    void awaitFetches() throws IOException {
        for (CompletableFuture<Void> fetch : fetches) {
            Awaited.of(fetch);
        }
    }

    List<StepLayer> layers() {
        return List.copyOf(layers);
    }

    Set<UsedMount> mounts() {
        return Set.copyOf(mounts);
    }

    List<CacheRecord> times() {
        return List.copyOf(times);
    }
}
