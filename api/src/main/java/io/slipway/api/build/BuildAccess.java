package io.slipway.api.build;

import io.slipway.api.access.Caller;
import io.slipway.api.problem.ProblemException;
import io.slipway.api.problem.ProblemType;
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
     * @throws ProblemException {@link ProblemType#BUILD_NOT_FOUND} when there is none, or it is another project's
     */
    public Build require(String id, HttpServletRequest request) {
        return BuildId.parse(id)
                .flatMap(builds::find)
                .filter(build -> Caller.of(request).may(build.project()))
                .orElseThrow(() -> notFound(id));
    }

    /** The problem of a build that does not exist, or not for this caller. */
    public static ProblemException notFound(String id) {
        return new ProblemException(ProblemType.BUILD_NOT_FOUND, "There is no build `" + id + "`.");
    }
}
