package io.slipway.db.webhook;

import java.util.HexFormat;

/**
 * What a host has sent.
 *
 * @param id from {@link Deliveries#newId}
 * @param triggerId for which trigger
 * @param hostId the host's id of it
 * @param bodySha256 by which a body that comes again with another id is recognised
 * @param sameBody what that means
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
        byte[] bodySha256,
        SameBody sameBody,
        String event,
        String headers,
        byte[] body,
        String serviceUrl) {
    /** What is stored of the host's id, so that it is known when it comes again. */
    String idMark() {
        return "id:" + hostId;
    }

    /** What is stored of the body, so that it is known when it comes again. */
    String bodyMark() {
        return "body:" + HexFormat.of().formatHex(bodySha256);
    }
}
