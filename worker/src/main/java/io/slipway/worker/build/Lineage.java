package io.slipway.worker.build;

import io.slipway.image.Digest;
import io.slipway.image.layer.Layer;
import io.slipway.worker.cache.KeyHash;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The content that a step runs on: a hash over the diff IDs of all layers below it that have something in them. Knowing it may mean waiting for a layer
 * that is still being committed, so it is worked out when it is asked for. Immutable; thread-safe.
 */
final class Lineage {
    /** Nothing below. */
    static final Lineage SCRATCH = new Lineage(null, null, new KeyHash("chain of nothing").digest());

    private final @Nullable Lineage below;
    private final @Nullable StepLayer layer;
    private final Digest chain;
    private volatile @Nullable Digest digest;

    private Lineage(@Nullable Lineage below, @Nullable StepLayer layer, Digest chain) {
        this.below = below;
        this.layer = layer;
        this.chain = chain;
    }

    /** The content with one more layer. */
    Lineage plus(StepLayer next) throws IOException {
        StepKey key = next.key();
        Digest definition = key == null ? next.layer().diffId() : key.step();
        return new Lineage(
                this,
                next,
                new KeyHash("chain").add(chain.hex()).add(definition.hex()).digest());
    }

    /** A hash over what made the layers: of a base its diff IDs, of a step its key. Nothing is waited for. */
    Digest chain() {
        return chain;
    }

    /** Whether no step of a build has added to it. */
    boolean isOfBase() {
        return base() == this;
    }

    /** The content of the base image that the first step ran on; nothing is waited for. */
    Lineage base() {
        Lineage base = this;
        while (base.below != null && base.layer != null && base.layer.key() != null) {
            base = base.below;
        }
        return base;
    }

    /** The hash; waits for layers that are not committed yet. */
    Digest digest() throws IOException {
        Digest known = digest;
        if (known == null) {
            known = below == null || layer == null ? new KeyHash("lineage").digest() : digest(below, layer.layer());
            digest = known;
        }
        return known;
    }

    private static Digest digest(Lineage below, Layer layer) throws IOException {
        Digest content = below.digest();
        return layer.isEmpty()
                ? content
                : new KeyHash("lineage")
                        .add(content.hex())
                        .add(layer.diffId().hex())
                        .digest();
    }
}
