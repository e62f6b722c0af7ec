package io.slipway.db.secret;

/**
 * A secret of a project with its value.
 *
 * @param sealed the value, encrypted by the service
 */
public record SealedSecret(Secret secret, String sealed) {
    /** Leaves out what is encrypted. */
    @Override
    public String toString() {
        return "SealedSecret[" + secret + "]";
    }
}
