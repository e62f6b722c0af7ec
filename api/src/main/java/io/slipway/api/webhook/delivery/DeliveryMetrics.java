package io.slipway.api.webhook.delivery;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.slipway.db.DatabaseException;
import io.slipway.db.webhook.Deliveries;
import org.springframework.stereotype.Component;

/** Gauge of what was delivered and is not decided on yet. */
@Component
final class DeliveryMetrics implements MeterBinder {
    private final Deliveries deliveries;

    DeliveryMetrics(Deliveries deliveries) {
        this.deliveries = deliveries;
    }

    @Override
    public void bindTo(MeterRegistry meters) {
        Gauge.builder("slipway.webhooks.pending", deliveries, queried -> {
                    try {
                        return queried.pending();
                    } catch (DatabaseException e) {
                        return Double.NaN; // unknown while the database is away
                    }
                })
                .description("Deliveries of git hosts that are not decided on yet")
                .register(meters);
    }
}
