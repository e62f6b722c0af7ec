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
    private final ConcurrentLinkedQueue<CompletableFuture<Void>> works = new ConcurrentLinkedQueue<>();
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
            beside(layer::fetch, executor);
        }
    }

    /** Does something beside other work that has to be done before the build has succeeded. */
    void beside(StepLayer.Work work, Executor executor) {
        works.add(CompletableFuture.runAsync(
                () -> {
                    try {
                        work.run();
                    } catch (IOException e) {
                        throw new CompletionException(e);
                    }
                },
                executor));
    }

    /** Waits until the layers of the image are in the content store, and all else that is done beside. */
    void awaitWorks() throws IOException {
        for (CompletableFuture<Void> work : works) {
            Awaited.of(work);
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
