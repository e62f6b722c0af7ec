package io.slipway.api.webhook;

import io.slipway.remote.AddressPolicy;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * What git hosts may deliver, and where projects may have messages sent to.
 *
 * @param bodySize largest body; GitHub sends none that are larger than the default
 * @param retention how long deliveries and messages are kept; for so long a delivery that comes again is recognised
 * @param deniedNetworks networks in CIDR notation that no messages are sent to; null: all that are not the Internet
 * @param disableAfter a webhook that has failed for so long, and never succeeded, is disabled
 */
@ConfigurationProperties("slipway.webhooks")
public record WebhookProperties(
        @DefaultValue("25MB") DataSize bodySize,
        @DefaultValue("30d") Duration retention,
        @Nullable List<String> deniedNetworks,
        @DefaultValue("5d") Duration disableAfter) {
    private static final DataSize MOST = DataSize.ofMegabytes(100);

    public WebhookProperties {
        deniedNetworks = deniedNetworks == null ? null : List.copyOf(deniedNetworks);
        if (bodySize.toBytes() < 1 || bodySize.compareTo(MOST) > 0) {
            throw new IllegalArgumentException(
                    "slipway.webhooks.body-size must be positive and 100MB at most: bodies are held in memory");
        }
        if (retention.toMillis() < 1000) {
            throw new IllegalArgumentException("slipway.webhooks.retention must be 1s at least");
        }
        if (disableAfter.isNegative()) {
            throw new IllegalArgumentException("slipway.webhooks.disable-after must not be negative");
        }
    }

    /** Where messages may be sent to. */
    public AddressPolicy receivers() {
        return new AddressPolicy(
                deniedNetworks == null ? AddressPolicy.DENIED_BUT_PUBLIC : deniedNetworks,
                "where nothing may be sent to",
                "slipway.webhooks.denied-networks");
    }
}
