package io.slipway.api.intake;

import io.slipway.api.build.BuildAccess;
import io.slipway.api.problem.KnownParameters;
import io.slipway.db.access.Role;
import io.slipway.db.build.Build;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/** {@code POST /v1/builds/{id}/retry}. */
@RestController
final class RetryController {
    private static final KnownParameters WAIT = KnownParameters.of("wait");

    private final BuildAccess access;
    private final Retries retries;
    private final IdempotentRequests requests;
    private final AwaitedBuilds awaited;

    RetryController(BuildAccess access, Retries retries, IdempotentRequests requests, AwaitedBuilds awaited) {
        this.access = access;
        this.retries = retries;
        this.requests = requests;
        this.awaited = awaited;
    }

    /** Queues a build with what another one had that has ended: 202 with the new one; with {@code wait}, 200 once that has ended. */
    @PostMapping("/v1/builds/{id}/retry")
    ResponseEntity<byte[]> retry(
            @PathVariable("id") String id, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        WAIT.checkWithoutBody(request);
        Duration most = awaited.asked(request.getParameter("wait"), request); // no body: it can only be of the query
        Build build = access.require(id, request, Role.BUILDER);
        String key = request.getHeader(IdempotentRequests.HEADER);
        Accepted accepted;
        try (IdempotentRequests.@Nullable Claim claim = requests.claim(build.project(), key)) {
            accepted = retries.retry(build, claim, response);
        }
        Accepted answer = awaited.after(most, accepted, request);
        return ResponseEntity.status(answer.status())
                .header(HttpHeaders.LOCATION, answer.location())
                .contentType(MediaType.APPLICATION_JSON)
                .body(answer.body());
    }
}
