package io.slipway.api.webhook.status;

import io.slipway.api.claim.ClaimLoop;
import io.slipway.api.claim.ClaimedWork;
import io.slipway.db.Notifications;
import io.slipway.db.webhook.CommitStatus;
import io.slipway.db.webhook.CommitStatuses;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/** Sends statuses as they are noted. Thread-safe. */
@Component
final class StatusWork implements ClaimedWork<CommitStatus>, SmartLifecycle {
    private static final int AT_ONCE = 8;

    /** Nobody is woken for a status: a transaction that changes a build's state must not wait for a notification. */
    private static final Duration POLL = Duration.ofMillis(500);

    private final CommitStatuses statuses;
    private final StatusSender sender;
    private final ClaimLoop<CommitStatus> loop;

    StatusWork(CommitStatuses statuses, StatusSender sender, Notifications notifications) {
        this.statuses = statuses;
        this.sender = sender;
        this.loop = new ClaimLoop<>(new ClaimLoop.Settings("statuses", AT_ONCE, POLL, null, null), notifications, this);
    }

    @Override
    public List<CommitStatus> claim(int limit) {
        return statuses.claim(limit, StatusSender.HOLD);
    }

    @Override
    public String nameOf(CommitStatus status) {
        return "one of " + status.triggerId();
    }

    @Override
    public void workOff(CommitStatus status) throws IOException {
        sender.send(status);
    }

    @Override
    public void failed(CommitStatus status) {
        statuses.refused(status, "something went wrong inside Slipway; its log says more");
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
