package io.slipway.worker.cache;

import io.slipway.image.Descriptor;
import io.slipway.image.Digest;

/**
 * What a step came to.
 *
 * @param diffId digest of the uncompressed layer
 * @param layer the compressed layer, in the content store
 * @param created when the step ran, RFC 3339: a build that finds it in the cache must write the same history
 */
public record CachedStep(Digest diffId, Descriptor layer, String created) {}
