package io.slipway.api.history;

import io.slipway.api.SlipwayProperties;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How long what has happened is kept.
 *
 * @param buildAge how long builds, with their steps and logs, stay after their end; 0: for ever
 * @param keptBuilds how many builds of a project stay that have ended, the newest ones; null: all
 * @param auditAge how long entries of the audit log stay; 0: for ever
 */
@ConfigurationProperties("slipway.history")
public record HistoryProperties(
        @DefaultValue("180d") Duration buildAge,
        @Nullable Integer keptBuilds,
        @DefaultValue("365d") Duration auditAge) {
    /** The database lets nothing go that is younger. */
    private static final Duration SHORTEST_AUDIT = Duration.ofDays(1);

    /** Anybody can cause refusals of access; they are kept no longer than this. */
    private static final Duration LONGEST_REFUSALS = Duration.ofDays(30);

    private static final Duration FOR_EVER = Duration.ofDays(36_500);

    public HistoryProperties {
        if (!auditAge.isZero() && auditAge.compareTo(SHORTEST_AUDIT) < 0) {
            throw new IllegalArgumentException("slipway.history.audit-age must be 1d at least, or 0 for ever");
        }
        if (buildAge.isNegative()) {
            throw new IllegalArgumentException("slipway.history.build-age must not be negative");
        }
        if (keptBuilds != null && keptBuilds < 1) {
            throw new IllegalArgumentException(
                    "slipway.history.kept-builds must be 1 at least; without it there is no limit");
        }
    }

    /** How long entries of the audit log are kept. */
    Duration keptAudit() {
        return auditAge.isZero() ? FOR_EVER : auditAge;
    }

    /** How long refusals of access are kept. */
    Duration keptRefusals() {
        return keptAudit().compareTo(LONGEST_REFUSALS) < 0 ? keptAudit() : LONGEST_REFUSALS;
    }

    /** How long builds are kept at most. */
    public Duration longestBuildAge() {
        return keepsAll() ? FOR_EVER : buildAge;
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
