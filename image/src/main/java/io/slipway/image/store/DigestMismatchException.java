package io.slipway.image.store;

import io.slipway.image.Digest;
import java.io.IOException;

/** Content was promised under a digest and size, and is something else. Nothing of it was kept. */
public final class DigestMismatchException extends IOException {
    private static final long serialVersionUID = 1L;

    private DigestMismatchException(String message) {
        super(message);
    }

    static DigestMismatchException digest(Digest expected, Digest actual) {
        return new DigestMismatchException("expected " + expected + " but the content is " + actual);
    }

    static DigestMismatchException size(Digest expected, long expectedSize, long actualSize) {
        return new DigestMismatchException("expected " + expectedSize + " bytes for " + expected + " but there are "
                + (actualSize > expectedSize ? "more" : "only " + actualSize));
    }
}
