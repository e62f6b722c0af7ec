package io.slipway.api.webhook;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * What git hosts may deliver.
 *
 * @param bodySize largest body; GitHub sends none that are larger than the default
 * @param retention how long deliveries are kept; for so long a delivery that comes again is recognised
 */
@ConfigurationProperties("slipway.webhooks")
public record WebhookProperties(
        @DefaultValue("25MB") DataSize bodySize,
        @DefaultValue("30d") Duration retention) {
    private static final DataSize MOST = DataSize.ofMegabytes(100);

    public WebhookProperties {
        if (bodySize.toBytes() < 1 || bodySize.compareTo(MOST) > 0) {
            throw new IllegalArgumentException(
                    "slipway.webhooks.body-size must be positive and 100MB at most: bodies are held in memory");
        }
        if (retention.toMillis() < 1000) {
            throw new IllegalArgumentException("slipway.webhooks.retention must be 1s at least");
        }
    }
}
