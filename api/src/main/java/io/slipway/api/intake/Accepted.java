package io.slipway.api.intake;

import io.slipway.db.build.BuildId;

/**
 * The answer to a request that was accepted, now or when it was first sent.
 *
 * @param status HTTP status
 * @param location URL of the build
 * @param body the build as JSON
 */
@SuppressWarnings("ArrayRecordComponent") // written out as it is, never compared
record Accepted(int status, String location, byte[] body) {
    /** The build, whose id is the end of its URL. */
    BuildId id() {
        return new BuildId(location.substring(location.lastIndexOf('/') + 1));
    }
}
