package io.slipway.worker.build;

import io.slipway.image.ImageReference;
import io.slipway.image.layer.Layer;
import io.slipway.worker.cache.Remark;
import io.slipway.worker.linux.Fd;
import io.slipway.worker.snapshot.Snapshot;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One layer of an image under construction: its content may be unpacked already and not committed yet (a RUN that has just
 * ended), or known by digest and not unpacked (a cache hit, a base). Each half is made when it is needed, once. Thread-safe.
 */
final class StepLayer {
    private final CompletableFuture<Layer> layer;
    private final Callable<Snapshot> unpack;
    private final String created;
    private final List<Remark> remarks;
    private final @Nullable ImageReference origin;
    private final @Nullable StepKey key;
    private final Work fetch;
    private @Nullable Snapshot snapshot;
    private volatile boolean unpacked;

    /**
     * A layer.
     *
     * @param layer its digests, perhaps later
     * @param unpack gives its content as a snapshot
     * @param created when the step ran, RFC 3339
     * @param remarks what is to be said of the step
     * @param origin where it can be pulled or mounted from if it is another's, or null
     * @param key what it is remembered by; null for a base's layer
     * @param fetch brings it into the content store if it is not, or not yet, there; a base's layers come by themselves
     */
    StepLayer(
            CompletableFuture<Layer> layer,
            Callable<Snapshot> unpack,
            String created,
            List<Remark> remarks,
            @Nullable ImageReference origin,
            @Nullable StepKey key,
            Work fetch) {
        this.layer = layer;
        this.unpack = unpack;
        this.created = created;
        this.remarks = List.copyOf(remarks);
        this.origin = origin;
        this.key = key;
        this.fetch = fetch;
    }

    /** A layer that is made here and now. */
    static StepLayer made(
            CompletableFuture<Layer> layer,
            Callable<Snapshot> unpack,
            String created,
            List<Remark> remarks,
            StepKey key) {
        return new StepLayer(layer, unpack, created, remarks, null, key, () -> {});
    }

    /** The same; what makes it fail is told as {@code blame} has it. */
    StepLayer blaming(Function<Throwable, Throwable> blame) {
        return new StepLayer(
                layer.exceptionallyCompose(e -> CompletableFuture.failedFuture(blame.apply(e))),
                () -> {
                    try {
                        return unpack.call();
                    } catch (IOException | RuntimeException e) {
                        throw new IOException(blame.apply(e));
                    }
                },
                created,
                remarks,
                origin,
                key,
                fetch);
    }

    /** Something that has to do with a layer. */
    @FunctionalInterface
    interface Work {
        void run() throws IOException;
    }

    /** The same, not committed before this is done, too. */
    StepLayer after(Work more) {
        return new StepLayer(
                layer.thenCompose(committed -> {
                    try {
                        more.run();
                        return CompletableFuture.completedFuture(committed);
                    } catch (IOException | RuntimeException e) {
                        return CompletableFuture.failedFuture(e);
                    }
                }),
                unpack,
                created,
                remarks,
                origin,
                key,
                fetch);
    }

    /** The same, which fails once it is committed if {@code check} has something against it. */
    StepLayer unless(Function<Layer, @Nullable Throwable> check) {
        return new StepLayer(
                layer.thenCompose(made -> {
                    Throwable objection = check.apply(made);
                    return objection == null
                            ? CompletableFuture.completedFuture(made)
                            : CompletableFuture.failedFuture(objection);
                }),
                unpack,
                created,
                remarks,
                origin,
                key,
                fetch);
    }

    /** The layer's digests; waits for the commit. */
    Layer layer() throws IOException {
        return Awaited.of(layer);
    }

    /** Calls back when the layer is committed, or when that has failed; at once if it is already. */
    void whenCommitted(BiConsumer<@Nullable Layer, @Nullable Throwable> callback) {
        var _ = layer.whenComplete(callback);
    }

    /** Whether {@link #directory} has nothing to do any more, or is at it. */
    boolean isUnpacked() {
        return unpacked;
    }

    /** The layer's directory; unpacks it if nobody has yet. */
    synchronized Fd directory() throws IOException {
        unpacked = true;
        Snapshot known = snapshot;
        if (known == null) {
            try {
                known = unpack.call();
            } catch (IOException | RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new IOException(e);
            }
            snapshot = known;
        }
        return known.directory();
    }

    /** What it is remembered by; null for a base's layer. */
    @Nullable
    StepKey key() {
        return key;
    }

    /** Brings it into the content store if it is another machine's, and not there yet. */
    void fetch() throws IOException {
        fetch.run();
    }

    String created() {
        return created;
    }

    List<Remark> remarks() {
        return remarks;
    }

    @Nullable
    ImageReference origin() {
        return origin;
    }
}
