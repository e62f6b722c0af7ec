package io.slipway.api.webhook.delivery;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.slipway.api.schedule.PeriodicTask;
import io.slipway.db.DatabaseException;
import io.slipway.db.webhook.Refused;
import io.slipway.db.webhook.Trigger;
import io.slipway.db.webhook.Triggers;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Counts what is not signed with its trigger's secret, for whoever wonders why nothing arrives. Written down every few seconds and not while it is
 * answered: a refusal must not take longer for a trigger that is there. Thread-safe.
 */
@Component
final class RefusedRequests implements AutoCloseable {
    private static final Duration PAUSE = Duration.ofSeconds(2);

    private final Triggers triggers;
    private final Clock clock;
    private final Counter counter;
    /** By the trigger's id. */
    private final Map<String, Refused> unwritten = new ConcurrentHashMap<>();

    private final PeriodicTask writing;

    RefusedRequests(Triggers triggers, MeterRegistry meters, Clock clock) {
        this.triggers = triggers;
        this.clock = clock;
        this.counter = Counter.builder("slipway.webhooks.refused")
                .description("Deliveries that were not signed with the secret of a trigger")
                .register(meters);
        this.writing = PeriodicTask.every(PAUSE, "refused-requests", this::write);
    }

    /** One more, for a trigger that is there, also of another kind of host, or for none. */
    void note(@Nullable Trigger trigger) {
        counter.increment();
        if (trigger != null) {
            unwritten.merge(trigger.id(), new Refused(1, clock.instant()), Refused::and);
        }
    }

    private void write() {
        Map<String, Refused> some = new HashMap<>();
        for (String id : Set.copyOf(unwritten.keySet())) {
            Refused refused = unwritten.remove(id);
            if (refused != null) {
                some.put(id, refused);
            }
        }
        if (some.isEmpty()) {
            return;
        }
        try {
            triggers.addRefused(some);
        } catch (DatabaseException e) {
            some.forEach((id, refused) -> unwritten.merge(id, refused, Refused::and));
            throw e;
        }
    }

    @Override
    public void close() {
        writing.close();
        writing.run();
    }
}
