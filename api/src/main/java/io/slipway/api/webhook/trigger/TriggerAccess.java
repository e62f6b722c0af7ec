package io.slipway.api.webhook.trigger;

import io.slipway.api.access.Caller;
import io.slipway.api.problem.ProblemException;
import io.slipway.api.problem.ProblemType;
import io.slipway.db.access.Projects;
import io.slipway.db.access.Role;
import io.slipway.db.webhook.Trigger;
import io.slipway.db.webhook.Triggers;
import jakarta.servlet.http.HttpServletRequest;
import org.springframework.stereotype.Component;

/** Finds the trigger that a request names, if the caller may see it. Thread-safe. */
@Component
public final class TriggerAccess {
    private final Projects projects;
    private final Triggers triggers;

    TriggerAccess(Projects projects, Triggers triggers) {
        this.projects = projects;
        this.triggers = triggers;
    }

    /**
     * The caller, who may do in the project what the role may.
     *
     * @throws ProblemException {@link ProblemType#PROJECT_NOT_FOUND} or {@link ProblemType#FORBIDDEN}
     */
    public Caller require(HttpServletRequest request, String project, Role needed) {
        Caller caller = Caller.of(request);
        caller.require(project, needed);
        if (!projects.exists(project)) {
            throw Caller.projectNotFound(project);
        }
        return caller;
    }

    /**
     * The trigger.
     *
     * @param needed the role that is needed for what the request wants
     * @throws ProblemException {@link ProblemType#TRIGGER_NOT_FOUND} too
     */
    public Trigger require(HttpServletRequest request, String project, String id, Role needed) {
        require(request, project, needed);
        return triggers.find(project, id).orElseThrow(() -> notFound(id));
    }

    /** The problem of a trigger that does not exist, or not in this project. */
    static ProblemException notFound(String id) {
        return new ProblemException(ProblemType.TRIGGER_NOT_FOUND, "There is no trigger `" + id + "` here.");
    }
}
