package io.slipway.image.layer;

import java.io.IOException;

/** A layer is no layer, is damaged, or has what no layer may have. What was unpacked of it must not be used. */
public final class LayerException extends IOException {
    private static final long serialVersionUID = 1L;

    /** A failure that {@code message} explains as a sentence. */
    public LayerException(String message) {
        super(message);
    }

    /** A failure with its cause. */
    public LayerException(String message, Throwable cause) {
        super(message, cause);
    }
}
