package io.slipway.db.access;

import org.jspecify.annotations.Nullable;

/**
 * Who calls.
 *
 * @param id {@code tok_…}
 * @param name for people
 * @param project the only project that the token is good for, or null for every one
 */
public record Token(String id, String name, @Nullable String project) {
    /** Whether the token is good for {@code project}. */
    public boolean allows(String project) {
        return this.project == null || this.project.equals(project);
    }
}
