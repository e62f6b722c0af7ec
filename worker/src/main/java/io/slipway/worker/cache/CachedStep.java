package io.slipway.worker.cache;

import io.slipway.image.Descriptor;
import io.slipway.image.Digest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a step came to.
 *
 * @param diffId digest of the uncompressed layer
 * @param layer the compressed layer, in the content store
 * @param created when the step ran, RFC 3339: a build that finds it in the cache must write the same history
 * @param remarks what is to be said of it; null in a record means nothing
 */
public record CachedStep(
        Digest diffId,
        Descriptor layer,
        String created,
        @Nullable List<Remark> remarks) {

    /** Whether there is a layer: not of what is remembered for its time only. */
    public boolean hasLayer() {
        return !layer.mediaType().isEmpty();
    }

    /** What is to be said of the step's result. */
    @Override
    public List<Remark> remarks() {
        return remarks == null ? List.of() : remarks;
    }
}
