package io.slipway.api.storage;

import io.slipway.protocol.storage.StorageReport.Collected;
import java.time.Instant;

/**
 * A collection that is over.
 *
 * @param finishedAt its end
 */
record Collection(Instant finishedAt, Reason reason, Collected collected) {
    /** Why something was collected. */
    enum Reason {
        /** Builds have ended since the last one. */
        BUILDS("builds"),
        /** The disk was low. */
        LOW_DISK("low-disk"),
        /** An administrator asked for it. */
        REQUEST("request");

        private final String wireName;

        Reason(String wireName) {
            this.wireName = wireName;
        }

        /** The name in the API. */
        String wireName() {
            return wireName;
        }
    }
}
