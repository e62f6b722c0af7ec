package io.slipway.worker.client;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** An answer of the service that is a refusal. The message is its sentence. */
public final class ServiceException extends IOException {
    private static final long serialVersionUID = 1;

    private final int status;
    private final @Nullable String hint;

    ServiceException(int status, String message, @Nullable String hint) {
        super(message);
        this.status = status;
        this.hint = hint;
    }

    /** The HTTP status. */
    public int status() {
        return status;
    }

    /** What to try, or null. */
    public @Nullable String hint() {
        return hint;
    }
}
