package io.slipway.worker.cache;

import io.slipway.image.Digest;

/**
 * What a step came to, as it travels in a cache outside of the machine's own store.
 *
 * @param step the instruction with all that it reads beside the root file system
 * @param on the content that it ran on
 */
public record CacheRecord(Digest step, Digest on, CachedStep result) {
    /** Whether there is a layer: not of what is remembered for its time only. */
    public boolean hasLayer() {
        return result.hasLayer();
    }
}
