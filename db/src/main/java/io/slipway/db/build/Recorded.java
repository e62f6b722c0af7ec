package io.slipway.db.build;

/** What became of a worker's report. */
public sealed interface Recorded {
    /**
     * Stored, or known already.
     *
     * @param lastSequence the highest event that is stored
     * @param cancelRequested somebody asked for the build's end
     * @param ended this very report ended the build
     */
    record Stored(long lastSequence, boolean cancelRequested, boolean ended) implements Recorded {}

    /** The worker is not, or no longer, the one that runs this build. Nothing was stored. */
    record LeaseLost() implements Recorded {}

    /**
     * Events are missing between what is stored and what was sent. Nothing was stored.
     *
     * @param lastSequence the highest event that is stored
     */
    record Gap(long lastSequence) implements Recorded {}
}
