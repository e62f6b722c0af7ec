package io.slipway.api.project;

import io.slipway.api.access.Caller;
import io.slipway.api.problem.BodyFields;
import io.slipway.api.problem.ProblemException;
import io.slipway.db.access.Projects;
import io.slipway.db.access.Role;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Finds out whether somebody may manage who else may do what. Thread-safe. */
@Component
final class ProjectAccess {
    private final Projects projects;

    ProjectAccess(Projects projects) {
        this.projects = projects;
    }

    /**
     * Refuses who may not do what {@code needed} may.
     *
     * @param project in this project, which then exists, or null for the whole service
     */
    void require(Caller caller, @Nullable String project, Role needed) {
        if (project == null) {
            caller.requireEverywhere(needed);
            return;
        }
        caller.require(project, needed);
        if (!projects.exists(project)) {
            throw Caller.projectNotFound(project);
        }
    }

    /**
     * The role that a request gives somebody.
     *
     * @throws ProblemException if it is none, or more than the caller has itself
     */
    static Role granted(BodyFields fields, Caller caller, @Nullable String project) {
        String name = fields.line("role", 20, "one of " + names());
        Role role = Role.parse(name)
                .orElseThrow(() -> BodyFields.invalid("role", "There is no role " + name + ".", "one of " + names()));
        // Those who get here are administrators, who have every role; who is to be one some day may change, and this
        // must not.
        if (project == null) {
            caller.requireEverywhere(role);
        } else {
            caller.require(project, role);
        }
        return role;
    }

    private static String names() {
        return Arrays.stream(Role.values()).map(Role::wireName).collect(Collectors.joining(", "));
    }
}
