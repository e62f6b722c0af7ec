package io.slipway.api.build;

/** Says why queued builds wait. Thread-safe. */
public interface QueueReasons {
    /**
     * Why a build waits whose project may have one more running.
     *
     * @param waiting how many builds are ahead of it, in words
     * @param isNext whether none is
     */
    QueueReason reason(String waiting, boolean isNext);
}
