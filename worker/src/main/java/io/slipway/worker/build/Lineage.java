package io.slipway.worker.build;

import io.slipway.image.Digest;
import io.slipway.worker.cache.KeyHash;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The content that a step runs on: a hash over the diff IDs of all layers below it. Knowing it may mean waiting for a layer
 * that is still being committed, so it is worked out when it is asked for. Immutable; thread-safe.
 */
final class Lineage {
    /** Nothing below. */
    static final Lineage SCRATCH = new Lineage(null, null);

    private final @Nullable Lineage below;
    private final @Nullable StepLayer layer;
    private volatile @Nullable Digest digest;

    private Lineage(@Nullable Lineage below, @Nullable StepLayer layer) {
        this.below = below;
        this.layer = layer;
    }

    /** The content with one more layer. */
    Lineage plus(StepLayer next) {
        return new Lineage(this, next);
    }

    /** The hash; waits for layers that are not committed yet. */
    Digest digest() throws IOException {
        Digest known = digest;
        if (known == null) {
            KeyHash hash = new KeyHash("lineage");
            if (below != null && layer != null) {
                hash.add(below.digest().hex()).add(layer.layer().diffId().hex());
            }
            known = hash.digest();
            digest = known;
        }
        return known;
    }
}
