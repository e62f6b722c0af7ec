package io.slipway.worker.build;

import io.slipway.image.Descriptor;
import io.slipway.image.ImageReference;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Where the layers of an imported cache are.
 *
 * @param reference a name in the repository that has them; null if they are not in a registry
 * @param blobs brings them into the content store
 */
record CacheOrigin(@Nullable ImageReference reference, Blobs blobs) {

    /** Brings a blob into the content store, unless it is there. */
    @FunctionalInterface
    interface Blobs {
        void fetch(Descriptor blob) throws IOException;
    }
}
