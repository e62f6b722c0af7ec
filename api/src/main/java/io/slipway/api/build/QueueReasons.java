package io.slipway.api.build;

/** Says why queued builds wait. Thread-safe. */
public interface QueueReasons {
    /**
     * One sentence for people.
     *
     * @param ahead how many builds would be started before this one
     */
    String reason(long ahead);
}
