package io.slipway.db.secret;

/**
 * Who a project's builds are at a registry, and what proves it.
 *
 * @param sealed password or token, encrypted by the service
 */
public record SealedCredential(RegistryCredential credential, String sealed) {
    /** Leaves out what is encrypted. */
    @Override
    public String toString() {
        return "SealedCredential[" + credential + "]";
    }
}
