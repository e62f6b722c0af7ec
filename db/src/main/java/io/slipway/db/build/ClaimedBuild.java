package io.slipway.db.build;

import org.jspecify.annotations.Nullable;

/**
 * A build that was handed to a worker.
 *
 * @param build the build, running
 * @param fencingToken greater than that of every earlier claim of any build
 * @param sealed credentials and secrets for this build only, encrypted, or null
 */
public record ClaimedBuild(
        Build build, long fencingToken, @Nullable String sealed) {
    /** Leaves the credentials out. */
    @Override
    public String toString() {
        return "ClaimedBuild[build=" + build.id() + ", fencingToken=" + fencingToken + "]";
    }
}
