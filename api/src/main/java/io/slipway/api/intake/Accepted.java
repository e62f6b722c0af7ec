package io.slipway.api.intake;

/**
 * The answer to a request that was accepted, now or when it was first sent.
 *
 * @param status HTTP status
 * @param location URL of the build
 * @param body the build as JSON
 */
@SuppressWarnings("ArrayRecordComponent") // written out as it is, never compared
record Accepted(int status, String location, byte[] body) {}
