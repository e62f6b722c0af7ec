package io.slipway.api.history;

import io.slipway.api.SlipwayProperties;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How long what has happened is kept.
 *
 * @param buildAge how long builds, with their steps and logs, stay after their end; 0: for ever
 */
@ConfigurationProperties("slipway.history")
public record HistoryProperties(@DefaultValue("180d") Duration buildAge) {
    public HistoryProperties {
        if (buildAge.isNegative()) {
            throw new IllegalArgumentException("slipway.history.build-age must not be negative");
        }
    }

    /** Whether builds are kept for ever. */
    boolean keepsAll() {
        return buildAge.isZero();
    }

    /** A build's image is found by the build. */
    void requireLongerThanImages(SlipwayProperties.Storage storage) {
        if (!keepsAll() && buildAge.compareTo(storage.imageAge()) < 0) {
            throw new IllegalArgumentException(
                    "slipway.history.build-age must not be shorter than slipway.storage.image-age: images are found by their builds");
        }
    }
}
