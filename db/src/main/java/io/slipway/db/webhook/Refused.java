package io.slipway.db.webhook;

import java.time.Instant;

/**
 * What came to a trigger's address and was not signed with its secret.
 *
 * @param count how often
 * @param lastAt when it did last
 */
public record Refused(long count, Instant lastAt) {
    /** Once more. */
    public Refused and(Refused other) {
        return new Refused(count + other.count, lastAt.isAfter(other.lastAt) ? lastAt : other.lastAt);
    }
}
