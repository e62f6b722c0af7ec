package io.slipway.image.context;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A build context that is refused. The message is a sentence for whoever sent it, and names the entry at fault. */
public final class ContextException extends IOException {
    private static final long serialVersionUID = 1;

    /** Why a context is refused. */
    public enum Kind {
        /** It is no tar, a broken one, or has an entry that a context must not have. */
        INVALID,
        /** It is more than a limit allows. */
        TOO_LARGE
    }

    private final Kind kind;

    private ContextException(Kind kind, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    /** One that is no good, for the reason that the sentence gives. */
    public static ContextException invalid(String message) {
        return new ContextException(Kind.INVALID, message, null);
    }

    static ContextException invalid(String message, Throwable cause) {
        return new ContextException(Kind.INVALID, message, cause);
    }

    static ContextException tooLarge(String message) {
        return new ContextException(Kind.TOO_LARGE, message, null);
    }

    /** The same with another message. */
    ContextException withMessage(String message) {
        return new ContextException(kind, message, this);
    }

    /** Why it is refused. */
    public Kind kind() {
        return kind;
    }
}
