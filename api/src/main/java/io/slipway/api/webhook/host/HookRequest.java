package io.slipway.api.webhook.host;

import java.time.Instant;

/**
 * What a host has sent, as it came.
 *
 * @param body not to be changed
 * @param receivedAt by the service's clock
 */
@SuppressWarnings("ArrayRecordComponent") // read only, never compared
public record HookRequest(HookHeaders headers, byte[] body, Instant receivedAt) {}
