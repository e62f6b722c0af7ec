package io.slipway.worker.build;

import io.slipway.image.Descriptor;
import io.slipway.image.ImageReference;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Where the layers of an imported cache are.
 *
 * @param place what the user calls it
 * @param reference a name in the repository that has them; null if they are not in a registry
 * @param blobs brings them into the content store
 * @param presence whether it could
 */
record CacheOrigin(String place, @Nullable ImageReference reference, Blobs blobs, Presence presence) {

    /**
     * Brings a blob into the content store, unless it is there.
     *
     * @throws ImportedCacheException if it can't be had from there
     */
    void fetch(Descriptor blob) throws IOException {
        try {
            blobs.fetch(blob);
        } catch (IOException e) {
            throw ImportedCacheException.of(this, e);
        }
    }

    /** Brings a blob into the content store, unless it is there. */
    @FunctionalInterface
    interface Blobs {
        void fetch(Descriptor blob) throws IOException;
    }

    /** Says whether a blob is there. */
    @FunctionalInterface
    interface Presence {
        boolean has(Descriptor blob) throws IOException;
    }
}
