package io.slipway.api.build;

import io.slipway.api.Shutdown;
import io.slipway.api.SlipwayProperties;
import io.slipway.api.problem.ProblemException;
import io.slipway.db.Channel;
import io.slipway.db.Notifications;
import io.slipway.db.Signal;
import io.slipway.db.build.BuildId;
import io.slipway.db.build.Builds;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import java.util.Collections;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Holds requests back until a build has ended, for callers that would rather wait than ask again. Thread-safe. */
@Component
public final class BuildWaits {
    /** Notifications wake; this finds what they missed. */
    private static final Duration POLL = Duration.ofSeconds(2);

    private final Builds builds;
    private final Notifications notifications;
    private final Shutdown shutdown;
    private final Duration most;

    BuildWaits(Builds builds, Notifications notifications, Shutdown shutdown, SlipwayProperties properties) {
        this.builds = builds;
        this.notifications = notifications;
        this.shutdown = shutdown;
        this.most = properties.limits().maxWait();
    }

    /**
     * How long a request may wait: what it asks for, but not longer than the service's limit; zero if it does not ask.
     *
     * @param wait the query parameter {@code wait} (30s, 500ms, 1m, or seconds), or null
     * @param request whose header {@code Prefer} counts if there is no parameter
     * @throws ProblemException if {@code wait} is no time
     */
    public Duration asked(@Nullable String wait, HttpServletRequest request) {
        // Several lines are one list (RFC 7240, section 2).
        return WaitTime.of(wait, String.join(",", Collections.list(request.getHeaders("Prefer"))), most);
    }

    /** Returns when the build has ended or is gone, the time is over, or the service is being stopped. */
    public void await(BuildId id, Duration time) {
        long deadline = System.nanoTime() + time.toNanos();
        try (Signal changed = notifications.subscribe(Channel.BUILD_EVENTS, id.value())) {
            for (Duration left = time; left.isPositive(); left = Duration.ofNanos(deadline - System.nanoTime())) {
                if (shutdown.hasBegun()
                        || builds.find(id)
                                .filter(build -> !build.state().isFinished())
                                .isEmpty()) {
                    return;
                }
                changed.await(left.compareTo(POLL) < 0 ? left : POLL);
            }
        }
    }
}
