package io.slipway.api.build;

import io.slipway.api.access.Caller;
import io.slipway.api.problem.ProblemException;
import io.slipway.api.problem.ProblemType;
import io.slipway.db.access.Role;
import io.slipway.db.build.Build;
import io.slipway.db.build.BuildId;
import io.slipway.db.build.Builds;
import jakarta.servlet.http.HttpServletRequest;
import org.springframework.stereotype.Component;

/** Finds the build that a request names, if the caller may see it. Thread-safe. */
@Component
public final class BuildAccess {
    private final Builds builds;

    BuildAccess(Builds builds) {
        this.builds = builds;
    }

    /**
     * The build.
     *
     * @param needed the role that is needed for what the request wants
     * @throws ProblemException {@link ProblemType#BUILD_NOT_FOUND} when there is none, or the caller can't see its project;
     *     {@link ProblemType#FORBIDDEN} when it sees it and may not
     */
    public Build require(String id, HttpServletRequest request, Role needed) {
        Caller caller = Caller.of(request);
        return BuildId.parse(id)
                .flatMap(known -> builds.find(known, caller.scope()))
                .filter(build -> caller.may(build.project(), needed))
                .orElseThrow(() -> notFound(id));
    }

    /** The problem of a build that does not exist, or not for this caller. */
    public static ProblemException notFound(String id) {
        return new ProblemException(ProblemType.BUILD_NOT_FOUND, "There is no build `" + id + "`.");
    }
}
