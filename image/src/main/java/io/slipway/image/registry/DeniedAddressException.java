package io.slipway.image.registry;

import java.io.IOException;

/** We don't connect there. Asking again would not help. */
final class DeniedAddressException extends IOException {
    private static final long serialVersionUID = 1L;

    DeniedAddressException(String message) {
        super(message);
    }
}
