package io.slipway.db.webhook;

/**
 * What a host has sent, as it came.
 *
 * @param headers JSON, from name to values, without what nobody may read
 */
@SuppressWarnings("ArrayRecordComponent") // handed on as it is, never compared
public record DeliveryContent(String headers, byte[] body) {}
