package io.slipway.api.build;

import java.util.Locale;

/**
 * Why a queued build waits.
 *
 * @param cause for machines
 * @param sentence for people
 */
public record QueueReason(Cause cause, String sentence) {
    /** The closed set of causes; on the wire each is its name in lower case. */
    public enum Cause {
        /** As many builds of its project run as may. */
        PROJECT_LIMIT,
        /** This machine can't build: something is missing, workers don't start, or there are to be none. */
        MACHINE,
        /** The service that has its context is away. */
        HOME,
        /** All slots are busy. */
        SLOTS,
        /** A worker takes it as soon as one is ready. */
        WORKER;

        /** The name in the API. */
        public String wireName() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
