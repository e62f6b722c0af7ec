package io.slipway.db.webhook;

import io.slipway.db.Row;
import org.jspecify.annotations.Nullable;

/**
 * What became of one event of a delivery that was to be built.
 *
 * @param position of the event in the delivery, from 0
 * @param buildId the build, or null if there is none, or none any more
 * @param problem JSON: why it could not be submitted, or null
 */
public record DeliveryBuild(
        String deliveryId,
        int position,
        @Nullable String buildId,
        @Nullable String problem) {
    static DeliveryBuild from(Row row) {
        return new DeliveryBuild(
                row.text("delivery_id"),
                row.integer("position"),
                row.textOrNull("build_id"),
                row.textOrNull("problem"));
    }
}
