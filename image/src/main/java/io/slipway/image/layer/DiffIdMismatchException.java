package io.slipway.image.layer;

import io.slipway.image.Digest;
import java.io.IOException;

/** A layer's uncompressed tar is not what its image's config says. What was unpacked of it must not be used. */
public final class DiffIdMismatchException extends IOException {
    private static final long serialVersionUID = 1L;

    DiffIdMismatchException(Digest expected, Digest actual) {
        super("the layer's diff ID is %s, not %s as its image says".formatted(actual, expected));
    }
}
