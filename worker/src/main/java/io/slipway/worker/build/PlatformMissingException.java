package io.slipway.worker.build;

import java.io.IOException;

/** A named context's image is there, but not for the platform that is built for. */
final class PlatformMissingException extends IOException {
    private static final long serialVersionUID = 1L;

    PlatformMissingException(String message) {
        super(message);
    }
}
