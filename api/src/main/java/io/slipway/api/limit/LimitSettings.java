package io.slipway.api.limit;

import io.slipway.api.SlipwayProperties;
import io.slipway.api.history.HistoryProperties;
import io.slipway.db.access.ProjectLimit;
import io.slipway.db.access.ProjectLimits;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.util.unit.DataSize;

/** The limits of projects as they are configured: {@code slipway.limits.*} and {@code slipway.history.*}. Thread-safe. */
@Component
public final class LimitSettings {
    private final ProjectLimits defaults;

    LimitSettings(SlipwayProperties properties, HistoryProperties history) {
        SlipwayProperties.Limits limits = properties.limits();
        Map<ProjectLimit, Long> values = new EnumMap<>(ProjectLimit.class);
        if (limits.concurrentBuilds() != null) {
            values.put(ProjectLimit.CONCURRENT_BUILDS, (long) limits.concurrentBuilds());
        }
        values.put(ProjectLimit.QUEUED_BUILDS, (long) limits.queuedBuilds());
        values.put(ProjectLimit.SUBMITS_PER_MINUTE, (long) limits.submitsPerMinute());
        values.put(ProjectLimit.BUILD_TIMEOUT, limits.maxBuildTimeout().toMillis());
        values.put(ProjectLimit.CONTEXT_SIZE, limits.contextSize().toBytes());
        put(values, ProjectLimit.IMAGE_SIZE, limits.imageSize(), "image-size");
        put(values, ProjectLimit.DISK, limits.buildDisk(), "build-disk");
        put(values, ProjectLimit.MEMORY, limits.buildMemory(), "build-memory");
        put(values, ProjectLimit.CPU, limits.buildCpuMillis(), "build-cpu-millis");
        put(values, ProjectLimit.PROCESSES, limits.buildProcesses(), "build-processes");
        if (!history.buildAge().isZero()) {
            values.put(ProjectLimit.BUILD_AGE, history.buildAge().toMillis());
        }
        if (history.keptBuilds() != null) {
            values.put(ProjectLimit.KEPT_BUILDS, (long) history.keptBuilds());
        }
        this.defaults = new ProjectLimits(values);
    }

    private static void put(
            Map<ProjectLimit, Long> values, ProjectLimit limit, @Nullable DataSize value, String setting) {
        put(values, limit, value == null ? null : (Long) value.toBytes(), setting);
    }

    private static void put(
            Map<ProjectLimit, Long> values, ProjectLimit limit, @Nullable Integer value, String setting) {
        put(values, limit, value == null ? null : (Long) value.longValue(), setting);
    }

    private static void put(Map<ProjectLimit, Long> values, ProjectLimit limit, @Nullable Long value, String setting) {
        if (value == null) {
            return;
        }
        if (value < limit.least() || value > limit.most()) {
            throw new IllegalArgumentException(
                    "slipway.limits." + setting + " must be between " + limit.least() + " and " + limit.most());
        }
        values.put(limit, value);
    }

    /** What holds for projects that have no limits of their own. */
    public ProjectLimits defaults() {
        return defaults;
    }

    /** What holds for a project that has these limits of its own: a size or time that is the whole service's is never exceeded. */
    public ProjectLimits effective(ProjectLimits own) {
        Map<ProjectLimit, Long> values = new EnumMap<>(ProjectLimit.class);
        values.putAll(own.or(defaults).values());
        values.replaceAll((limit, value) -> Math.min(value, most(limit)));
        return new ProjectLimits(values);
    }

    /** The highest value that a project can be given. */
    public long most(ProjectLimit limit) {
        return switch (limit) {
            case CONCURRENT_BUILDS, QUEUED_BUILDS, SUBMITS_PER_MINUTE -> limit.most();
            case BUILD_TIMEOUT, CONTEXT_SIZE, IMAGE_SIZE, DISK, MEMORY, CPU, PROCESSES, BUILD_AGE, KEPT_BUILDS ->
                defaults.of(limit).orElse(limit.most());
        };
    }
}
