package io.slipway.api.build;

import io.slipway.api.access.Caller;
import io.slipway.api.access.CallerWatch;
import io.slipway.api.problem.KnownParameters;
import io.slipway.api.problem.ProblemException;
import io.slipway.api.problem.ProblemType;
import io.slipway.db.access.Role;
import io.slipway.db.build.BuildDetails;
import io.slipway.db.build.BuildId;
import io.slipway.db.build.BuildQueue;
import io.slipway.db.build.Builds;
import io.slipway.db.build.CancelOutcome;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Reading and cancelling one build. */
@RestController
final class BuildController {
    private static final KnownParameters GET = KnownParameters.of("wait");
    private static final KnownParameters STEPS = KnownParameters.of();
    private static final KnownParameters CANCEL = KnownParameters.of();

    private final BuildAccess access;
    private final CallerWatch callers;
    private final Builds builds;
    private final BuildQueue queue;
    private final BuildResources resources;
    private final BuildWaits waits;

    BuildController(
            BuildAccess access,
            CallerWatch callers,
            Builds builds,
            BuildQueue queue,
            BuildResources resources,
            BuildWaits waits) {
        this.access = access;
        this.callers = callers;
        this.builds = builds;
        this.queue = queue;
        this.resources = resources;
        this.waits = waits;
    }

    /** {@code GET /v1/builds/{id}}: the build; with {@code wait}, once it has ended or the time is over. */
    @GetMapping("/v1/builds/{id}")
    BuildResource get(
            @PathVariable("id") String text,
            @RequestParam(name = "wait", required = false) @Nullable String wait,
            HttpServletRequest request) {
        GET.check(request);
        BuildId id = access.require(text, request, Role.VIEWER).id();
        Duration most = waits.asked(wait, request);
        waits.await(id, most);
        if (most.isPositive() && !callers.isAdmitted(Caller.of(request))) {
            throw new ProblemException(ProblemType.UNAUTHORIZED, "The token is not valid any more.");
        }
        return show(id);
    }

    private BuildResource show(BuildId id) {
        BuildDetails details = builds.details(id).orElseThrow(() -> BuildAccess.notFound(id.value()));
        return resources.whole(details);
    }

    /** {@code GET /v1/builds/{id}/steps}: the steps, each with whether it was in the cache and why not. */
    @GetMapping("/v1/builds/{id}/steps")
    BuildResource.Steps steps(@PathVariable("id") String text, HttpServletRequest request) {
        STEPS.check(request);
        BuildId id = access.require(text, request, Role.VIEWER).id();
        return resources.steps(builds.details(id)
                .orElseThrow(() -> BuildAccess.notFound(id.value()))
                .steps());
    }

    /**
     * {@code POST /v1/builds/{id}/cancel}: 200 when the build is cancelled, 202 when it runs and its worker is told, 409 when it
     * had ended otherwise.
     */
    @PostMapping("/v1/builds/{id}/cancel")
    ResponseEntity<BuildResource> cancel(@PathVariable("id") String text, HttpServletRequest request)
            throws IOException {
        CANCEL.checkWithoutBody(request);
        BuildId id = access.require(text, request, Role.BUILDER).id();
        return switch (queue.cancel(id)) {
            case CancelOutcome.Unknown unknown -> throw BuildAccess.notFound(text);
            case CancelOutcome.Cancelled cancelled -> ResponseEntity.ok(show(id));
            case CancelOutcome.Requested requested -> ResponseEntity.accepted().body(show(id));
            case CancelOutcome.Finished finished ->
                throw new ProblemException(
                                ProblemType.BUILD_FINISHED,
                                "The build can't be cancelled any more: it has "
                                        + finished.state().wireName() + ".")
                        .with("state", finished.state().wireName());
        };
    }
}
