package io.slipway.db.access;

import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Limits of a project. Immutable.
 *
 * @param values what is limited, each 1 at least; what is not in it has no limit, or none of its own
 */
public record ProjectLimits(Map<ProjectLimit, Long> values) {
    /** No limits. */
    public static final ProjectLimits NONE = new ProjectLimits(Map.of());

    public ProjectLimits {
        Map<ProjectLimit, Long> sorted = new EnumMap<>(ProjectLimit.class);
        sorted.putAll(values);
        values = Collections.unmodifiableMap(sorted);
    }

    /**
     * From what SQL has made of them.
     *
     * @param texts {@code name=value} each; unknown names, which a newer version has written, are left out
     */
    public static ProjectLimits of(List<String> texts) {
        Map<ProjectLimit, Long> values = new EnumMap<>(ProjectLimit.class);
        for (String text : texts) {
            int end = text.lastIndexOf('=');
            ProjectLimit.parse(text.substring(0, end))
                    .ifPresent(limit -> values.put(limit, Long.valueOf(text.substring(end + 1))));
        }
        return new ProjectLimits(values);
    }

    /** The value of a limit, or empty. */
    public OptionalLong of(ProjectLimit limit) {
        Long value = values.get(limit);
        return value == null ? OptionalLong.empty() : OptionalLong.of(value);
    }

    /** The same as a parameter of a statement. */
    public @Nullable Long orNull(ProjectLimit limit) {
        return values.get(limit);
    }

    /** These and, where there are none, those of {@code defaults}. */
    public ProjectLimits or(ProjectLimits defaults) {
        Map<ProjectLimit, Long> both = new EnumMap<>(ProjectLimit.class);
        both.putAll(defaults.values());
        both.putAll(values);
        return new ProjectLimits(both);
    }
}
