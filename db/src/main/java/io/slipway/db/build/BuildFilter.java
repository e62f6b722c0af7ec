package io.slipway.db.build;

import io.slipway.db.access.Scope;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which builds to list.
 *
 * @param scope only those of these projects
 * @param states only those in one of these states; empty for all
 * @param tag only those that were asked to be pushed under this name, or null for all
 */
public record BuildFilter(
        Scope scope, Set<BuildState> states, @Nullable String tag) {
    public BuildFilter {
        states = Set.copyOf(states);
    }

    List<String> stateNames() {
        return states.stream().map(BuildState::wireName).toList();
    }
}
