package io.slipway.db.webhook;

import io.slipway.db.Row;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a host has delivered, and what came of it.
 *
 * @param id {@code dlv_…}
 * @param hostId the host's id, or null for what was delivered again from here
 * @param event what the host calls the event
 * @param redeliveryOf id of the delivery that this one repeats, or null
 * @param rebuildOf if the service has made it since a base has moved: the build that is to be done again; otherwise null
 * @param repeats id of an earlier delivery with the same body, where that makes this one suspect; otherwise null
 * @param duplicates how often it came again
 * @param attempts how often it was begun to be worked off
 * @param decision JSON: what was decided and why, or why it could not be yet; null before the first attempt
 * @param decidedAt null as long as it is pending
 */
public record Delivery(
        String id,
        String triggerId,
        @Nullable String hostId,
        String event,
        @Nullable String redeliveryOf,
        @Nullable String rebuildOf,
        @Nullable String repeats,
        int duplicates,
        DeliveryState state,
        int attempts,
        @Nullable String decision,
        Instant receivedAt,
        @Nullable Instant decidedAt) {
    static final String COLUMNS =
            "id, trigger_id, host_id, event, redelivery_of, rebuild_of, repeats, duplicates, state, attempts, decision,"
                    + " received_at, decided_at";

    static Delivery from(Row row) {
        return new Delivery(
                row.text("id"),
                row.text("trigger_id"),
                row.textOrNull("host_id"),
                row.text("event"),
                row.textOrNull("redelivery_of"),
                row.textOrNull("rebuild_of"),
                row.textOrNull("repeats"),
                row.integer("duplicates"),
                DeliveryState.stored(row.text("state")),
                row.integer("attempts"),
                row.textOrNull("decision"),
                row.time("received_at"),
                row.timeOrNull("decided_at"));
    }
}
