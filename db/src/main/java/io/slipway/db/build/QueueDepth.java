package io.slipway.db.build;

/**
 * Builds that have not ended.
 *
 * @param queued could be claimed now
 * @param running are with a worker
 */
public record QueueDepth(long queued, long running) {}
