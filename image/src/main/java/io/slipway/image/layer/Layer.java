package io.slipway.image.layer;

import io.slipway.image.Descriptor;
import io.slipway.image.Digest;

/**
 * A layer in the content store.
 *
 * @param diffId the digest of the uncompressed tar (OCI image specification 1.1, config.md, "Layer DiffID")
 * @param descriptor the blob: compressed, under its own digest
 */
public record Layer(Digest diffId, Descriptor descriptor) {
    /** An archive without entries: two blocks of zeros (POSIX, pax, "ustar Interchange Format"). */
    private static final Digest EMPTY = Digest.of(new byte[2 * 512]);

    /** Whether there is nothing in it. */
    public boolean isEmpty() {
        return diffId.equals(EMPTY);
    }
}
