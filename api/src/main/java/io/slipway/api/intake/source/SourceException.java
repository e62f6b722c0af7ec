package io.slipway.api.intake.source;

import io.slipway.protocol.ErrorCode;
import org.jspecify.annotations.Nullable;

/** A context could not be had from where the caller said it is: the request is answered with 422, and nothing is kept. */
public final class SourceException extends RuntimeException {
    private final ErrorCode code;
    private final @Nullable String hint;

    /**
     * @param code one of the codes about contexts and git
     * @param message one sentence for people, without credentials
     * @param hint what to try, or null
     */
    public SourceException(ErrorCode code, String message, @Nullable String hint) {
        super(message);
        this.code = code;
        this.hint = hint;
    }

    /** As above, with what led to it, for the service's log. */
    public SourceException(ErrorCode code, String message, @Nullable String hint, Throwable cause) {
        super(message, cause);
        this.code = code;
        this.hint = hint;
    }

    /** The closed reason. */
    public ErrorCode code() {
        return code;
    }

    /** What to try, or null. */
    public @Nullable String hint() {
        return hint;
    }
}
