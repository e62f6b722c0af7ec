package io.slipway.db.access;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Projects that somebody sees. Lookups take it instead of asking afterwards whose their find was: what is another project's is then not
 * even read, and takes as long as what does not exist.
 *
 * @param projects their names, or null for every project
 */
public record Scope(@Nullable Set<String> projects) {
    /** Every project. */
    public static final Scope EVERY = new Scope(null);

    public Scope {
        projects = projects == null ? null : Set.copyOf(projects);
    }

    /** One project. */
    public static Scope of(String project) {
        return new Scope(Set.of(project));
    }

    /** Whether {@code project} is one of them. */
    public boolean contains(String project) {
        return projects == null || projects.contains(project);
    }

    /** As a parameter for SQL, {@code text[]}: null for every project. */
    public @Nullable List<String> names() {
        return projects == null ? null : List.copyOf(projects);
    }
}
