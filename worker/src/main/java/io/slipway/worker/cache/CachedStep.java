package io.slipway.worker.cache;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.slipway.image.Descriptor;
import io.slipway.image.Digest;
import io.slipway.image.layer.Layer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a step came to.
 *
 * @param diffId digest of the uncompressed layer
 * @param layer the compressed layer, in the content store
 * @param created when the step ran, RFC 3339: a build that finds it in the cache must write the same history
 * @param remarks what is to be said of it; null in a record means nothing
 * @param byContent what it is found by as well; null for a step that reads from no other stage
 */
public record CachedStep(
        Digest diffId,
        Descriptor layer,
        String created,
        @Nullable List<Remark> remarks,
        @Nullable ByContent byContent) {

    /**
     * A second name of a result, which other stages of the same content lead to, however they were made.
     *
     * @param step the instruction without what it reads from other stages
     * @param content what it reads there, and what it runs on
     */
    public record ByContent(Digest step, Digest content) {}

    /** The same with another second name, or without one. */
    public CachedStep named(@Nullable ByContent name) {
        return new CachedStep(diffId, layer, created, remarks, name);
    }

    /** What has this name only. */
    public static CachedStep of(Digest diffId, Descriptor layer, String created, List<Remark> remarks) {
        return new CachedStep(diffId, layer, created, remarks, null);
    }

    /** Whether the step changed nothing; its layer is then in no image and in no cache. */
    @JsonIgnore
    public boolean isEmpty() {
        return new Layer(diffId, layer).isEmpty();
    }

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
