package io.slipway.worker.snapshot;

import java.io.IOException;

/** An image has more layers than overlayfs takes. */
public final class TooManyLayersException extends IOException {
    private static final long serialVersionUID = 1;

    TooManyLayersException() {
        super("the image has more than " + Overlay.MAX_LAYERS + " layers: the kernel takes no more");
    }
}
