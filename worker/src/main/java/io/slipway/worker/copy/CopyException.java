package io.slipway.worker.copy;

import java.io.IOException;

/** A COPY or ADD that cannot be carried out as it is written; the message is for the Dockerfile's author. */
public final class CopyException extends IOException {
    private static final long serialVersionUID = 1L;

    /** With a sentence that says what is wrong. */
    public CopyException(String message) {
        super(message);
    }
}
