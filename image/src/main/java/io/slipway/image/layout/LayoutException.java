package io.slipway.image.layout;

import java.io.IOException;

/** An OCI layout that can't be used, or that lacks what was asked for; the message says why, for people. */
public final class LayoutException extends IOException {
    private static final long serialVersionUID = 1L;

    LayoutException(String message) {
        super(message);
    }
}
