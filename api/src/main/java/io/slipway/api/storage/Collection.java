package io.slipway.api.storage;

import io.slipway.protocol.storage.StorageReport.Collected;
import java.time.Instant;

/**
 * A collection that is over.
 *
 * @param finishedAt its end
 * @param uploadBytes what was given back beside the store: contents that were sent to {@code /v1/contexts}
 */
record Collection(Instant finishedAt, Reason reason, Collected collected, long uploadBytes) {
    /** Bytes that were freed, of the store and beside it. */
    long freedBytes() {
        return collected.freedBytes() + uploadBytes;
    }

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
