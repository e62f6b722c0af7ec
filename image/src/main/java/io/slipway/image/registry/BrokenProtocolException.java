package io.slipway.image.registry;

import java.io.IOException;

/** A host's answer is not what the protocol prescribes, or not what we are willing to follow. Asking again would not help. */
final class BrokenProtocolException extends IOException {
    private static final long serialVersionUID = 1L;

    BrokenProtocolException(String message) {
        super(message);
    }
}
