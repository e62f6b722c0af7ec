package io.slipway.db.webhook;

import org.jspecify.annotations.Nullable;

/**
 * What a host has sent.
 *
 * @param id from {@link Deliveries#newId}
 * @param triggerId for which trigger
 * @param hostId the host's id of it
 * @param bodySha256 by which a body that comes again with another id is recognised, or null where it may be another delivery
 * @param event what the host calls the event
 * @param headers JSON, from name to values, without what nobody may read
 * @param body as it came
 * @param serviceUrl where the host has reached the service
 */
@SuppressWarnings("ArrayRecordComponent") // stored as it is, never compared
public record NewDelivery(
        String id,
        String triggerId,
        String hostId,
        byte @Nullable [] bodySha256,
        String event,
        String headers,
        byte[] body,
        String serviceUrl) {}
