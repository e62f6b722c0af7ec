package io.slipway.api.secret;

import org.jspecify.annotations.Nullable;

/** The keys that everything confidential is encrypted with can't be had, so that the service can't start. */
final class SecretKeyException extends RuntimeException {
    /** @param reason what is wrong with what; never part of a key */
    SecretKeyException(String reason, @Nullable Throwable cause) {
        super(reason, cause);
    }
}
