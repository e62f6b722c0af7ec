package io.slipway.db.base;

import org.jspecify.annotations.Nullable;

/**
 * A base whose registry is being asked what it means.
 *
 * @param project with whose credentials, or null for the service's own
 * @param reference the whole name, with its tag
 * @param digest what it meant last, or null if nobody knows
 * @param attempts how many have failed since
 * @param claim who holds it: what comes of it is written under this number
 */
public record ClaimedBase(
        @Nullable String project,
        String reference,
        @Nullable String digest,
        int attempts,
        long claim) {
    /** The project, or an empty text: as it is stored. */
    String owner() {
        return project == null ? "" : project;
    }
}
