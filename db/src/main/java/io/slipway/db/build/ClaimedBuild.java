package io.slipway.db.build;

/**
 * A build that was handed to a worker.
 *
 * @param build the build, running
 * @param fencingToken greater than that of every earlier claim of any build
 */
public record ClaimedBuild(Build build, long fencingToken) {}
