package io.slipway.db.access;

import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * What is to be changed of a project. Immutable.
 *
 * @param describes whether the description is to be changed
 * @param description another description, or null for none
 * @param limits limits to set, and to take back where there is no value
 */
public record ProjectChange(boolean describes, @Nullable String description, Map<ProjectLimit, OptionalLong> limits) {
    public ProjectChange {
        limits = Map.copyOf(limits);
    }
}
