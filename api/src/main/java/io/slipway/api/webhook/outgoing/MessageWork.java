package io.slipway.api.webhook.outgoing;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.slipway.api.claim.ClaimLoop;
import io.slipway.api.claim.ClaimedWork;
import io.slipway.db.DatabaseException;
import io.slipway.db.Notifications;
import io.slipway.db.webhook.ClaimedMessage;
import io.slipway.db.webhook.Messages;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/** Sends messages as they are noted. Thread-safe. */
@Component
final class MessageWork implements ClaimedWork<ClaimedMessage>, SmartLifecycle, MeterBinder {
    private static final int AT_ONCE = 8;

    /** Nobody is woken for a message: a transaction that changes a build's state must not wait for a notification. */
    private static final Duration POLL = Duration.ofMillis(500);

    private final Messages messages;
    private final MessageSender sender;
    private final ClaimLoop<ClaimedMessage> loop;

    MessageWork(Messages messages, MessageSender sender, Notifications notifications) {
        this.messages = messages;
        this.sender = sender;
        this.loop = new ClaimLoop<>(new ClaimLoop.Settings("messages", AT_ONCE, POLL, null, null), notifications, this);
    }

    @Override
    public List<ClaimedMessage> claim(int limit) {
        return messages.claim(limit, MessageSender.HOLD);
    }

    @Override
    public String nameOf(ClaimedMessage claim) {
        return claim.message().id();
    }

    @Override
    public void workOff(ClaimedMessage claim) throws IOException {
        sender.send(claim);
    }

    @Override
    public void failed(ClaimedMessage claim) {
        sender.failed(claim);
    }

    @Override
    public void bindTo(MeterRegistry meters) {
        Gauge.builder("slipway.webhooks.unsent", messages, queried -> {
                    try {
                        return queried.pending();
                    } catch (DatabaseException e) {
                        return Double.NaN; // unknown while the database is away
                    }
                })
                .description("Messages to webhooks that are to be sent")
                .register(meters);
    }

    @Override
    public void start() {
        loop.start();
    }

    @Override
    public void stop() {
        loop.stop();
    }

    @Override
    public boolean isRunning() {
        return loop.isRunning();
    }
}
