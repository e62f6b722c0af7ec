package io.slipway.protocol;

/**
 * The API's answer to a worker's {@code POST /internal/v1/claim} (a long poll; 204 means nothing came, ask again).
 *
 * @param spec what to build
 * @param token bearer token for {@code /internal/v1/builds/{id}/…}, good for this build and attempt only
 * @param leaseMillis how long the lease lasts from now unless renewed by an {@link EventBatch}
 */
public record Claim(BuildSpec spec, String token, long leaseMillis) {
    /** Leaves the token out, so that a claim can be logged. */
    @Override
    public String toString() {
        return "Claim[build=" + spec.buildId() + ", attempt=" + spec.attempt() + ", leaseMillis=" + leaseMillis + "]";
    }
}
