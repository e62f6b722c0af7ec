package io.slipway.api.access;

import io.slipway.api.problem.ProblemException;
import io.slipway.api.problem.ProblemType;
import io.slipway.db.access.Token;
import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;

/**
 * Who sent the request, as the filter found out.
 *
 * @param token the valid token that came with it
 */
public record Caller(Token token) {
    private static final String ATTRIBUTE = Caller.class.getName();

    /** The caller of a request that the filter let through with a token. */
    public static Caller of(HttpServletRequest request) {
        if (request.getAttribute(ATTRIBUTE) instanceof Caller caller) {
            return caller;
        }
        throw new IllegalStateException(request.getRequestURI() + " is reached without a token");
    }

    void attachTo(HttpServletRequest request) {
        request.setAttribute(ATTRIBUTE, this);
    }

    /** Whether the caller may see and do everything within {@code project}. */
    public boolean may(String project) {
        return token.allows(project);
    }

    /** The only project that the caller may see, or null when it may see all. */
    public @Nullable String onlyProject() {
        return token.project();
    }

    /** Refuses, with the same words as for one that does not exist, a project that the caller may not see. */
    public void require(String project) {
        if (!may(project)) {
            throw projectNotFound(project);
        }
    }

    /** The problem of a project that does not exist, or not for this caller. */
    public static ProblemException projectNotFound(String project) {
        return new ProblemException(ProblemType.PROJECT_NOT_FOUND, "There is no project `" + project + "`.");
    }
}
