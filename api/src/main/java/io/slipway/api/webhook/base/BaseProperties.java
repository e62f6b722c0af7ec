package io.slipway.api.webhook.base;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How base images are watched.
 *
 * @param poll how often each is looked at; 0: only when its registry tells that it has moved
 */
@ConfigurationProperties("slipway.bases")
public record BaseProperties(@DefaultValue("15m") Duration poll) {
    public BaseProperties {
        if (!poll.isZero() && (poll.toMillis() < 1000 || poll.compareTo(Duration.ofDays(30)) > 0)) {
            throw new IllegalArgumentException("slipway.bases.poll must be between 1s and 30d, or 0");
        }
    }

    /** How often each is looked at, or null: only when its registry tells. */
    @Nullable
    Duration pollOrNull() {
        return poll.isZero() ? null : poll;
    }
}
