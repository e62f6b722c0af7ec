package io.slipway.protocol;

import org.jspecify.annotations.Nullable;

/** A text that names no place for a cache. */
public final class InvalidCacheException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    private final @Nullable String hint;

    InvalidCacheException(String message, @Nullable String hint) {
        super(message);
        this.hint = hint;
    }

    /** What to write instead, or null. */
    public @Nullable String hint() {
        return hint;
    }
}
