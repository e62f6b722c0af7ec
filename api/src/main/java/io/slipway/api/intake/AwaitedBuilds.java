package io.slipway.api.intake;

import io.slipway.api.access.Caller;
import io.slipway.api.access.CallerWatch;
import io.slipway.api.build.BuildResources;
import io.slipway.api.build.BuildWaits;
import io.slipway.api.problem.ProblemException;
import io.slipway.db.DatabaseException;
import io.slipway.db.build.BuildDetails;
import io.slipway.db.build.BuildId;
import io.slipway.db.build.Builds;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/**
 * Answers those who submit a build and would rather wait for its end, by {@code ?wait=30s} or {@code Prefer: wait=30} (RFC 7240, section
 * 4.3). Thread-safe.
 */
@Component
final class AwaitedBuilds {
    private static final Logger LOG = LoggerFactory.getLogger(AwaitedBuilds.class);

    private final BuildWaits waits;
    private final Builds builds;
    private final BuildResources resources;
    private final CallerWatch callers;
    private final JsonMapper json;

    AwaitedBuilds(BuildWaits waits, Builds builds, BuildResources resources, CallerWatch callers, JsonMapper json) {
        this.waits = waits;
        this.builds = builds;
        this.resources = resources;
        this.callers = callers;
        this.json = json;
    }

    /**
     * How long the caller is willing to wait; zero if it does not say so.
     *
     * @param wait the query parameter, or null
     * @throws ProblemException if that is no time
     */
    Duration asked(@Nullable String wait, HttpServletRequest request) {
        return waits.asked(wait, request);
    }

    /**
     * The answer after a wait: 200 with the build if it has ended, 202 with the build as it is then if it has not. It stays what it was if nobody waits, and also if
     * the build can't be looked at any more: that it was accepted is true whatever happens afterwards.
     */
    Accepted after(Duration wait, Accepted accepted, HttpServletRequest request) {
        if (!wait.isPositive()) {
            return accepted;
        }
        BuildId id = accepted.id();
        try {
            waits.await(id, wait);
            if (!callers.isAdmitted(Caller.of(request))) {
                return accepted;
            }
            return builds.details(id).map(build -> answer(build, accepted)).orElse(accepted);
        } catch (RuntimeException e) {
            if (!(e instanceof DatabaseException away) || !away.isUnreachable()) {
                LOG.error("{} was accepted, but how it is after the wait can't be told", id, e);
            }
            return accepted;
        }
    }

    private Accepted answer(BuildDetails details, Accepted accepted) {
        HttpStatus status = details.build().state().isFinished() ? HttpStatus.OK : HttpStatus.ACCEPTED;
        return new Accepted(status.value(), accepted.location(), json.writeValueAsBytes(resources.whole(details)));
    }
}
