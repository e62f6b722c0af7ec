package io.slipway.protocol;

/**
 * The API's answer to an {@link EventBatch}: 200 with this body. 409 instead means that the lease is lost: the worker stops
 * at once and reports nothing more.
 *
 * @param lastSequence the highest sequence number that is stored
 * @param cancelRequested true once somebody asked for the build's end: the worker stops, ends with
 *     {@link ErrorCode#CANCELLED} and exits
 * @param leaseMillis how long the lease lasts from now, by the API's clock
 */
public record EventAck(long lastSequence, boolean cancelRequested, long leaseMillis) {}
