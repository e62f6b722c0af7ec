package io.slipway.api.webhook.outgoing;

import io.slipway.api.access.Caller;
import io.slipway.api.problem.ProblemException;
import io.slipway.api.problem.ProblemType;
import io.slipway.db.access.Projects;
import io.slipway.db.access.Role;
import io.slipway.db.webhook.Webhook;
import io.slipway.db.webhook.Webhooks;
import jakarta.servlet.http.HttpServletRequest;
import org.springframework.stereotype.Component;

/** Finds the webhook that a request names, if the caller may see it. Thread-safe. */
@Component
final class OutgoingAccess {
    private final Projects projects;
    private final Webhooks webhooks;

    OutgoingAccess(Projects projects, Webhooks webhooks) {
        this.projects = projects;
        this.webhooks = webhooks;
    }

    /**
     * The caller, who may do in the project what the role may.
     *
     * @throws ProblemException {@link ProblemType#PROJECT_NOT_FOUND} or {@link ProblemType#FORBIDDEN}
     */
    Caller require(HttpServletRequest request, String project, Role needed) {
        Caller caller = Caller.of(request);
        caller.require(project, needed);
        if (!projects.exists(project)) {
            throw Caller.projectNotFound(project);
        }
        return caller;
    }

    /**
     * The webhook.
     *
     * @throws ProblemException {@link ProblemType#WEBHOOK_NOT_FOUND} too
     */
    Webhook require(HttpServletRequest request, String project, String id, Role needed) {
        require(request, project, needed);
        return webhooks.find(project, id).orElseThrow(() -> notFound(id));
    }

    static ProblemException notFound(String id) {
        return new ProblemException(ProblemType.WEBHOOK_NOT_FOUND, "There is no webhook `" + id + "` here.");
    }
}
