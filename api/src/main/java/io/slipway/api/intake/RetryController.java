package io.slipway.api.intake;

import io.slipway.api.build.BuildAccess;
import io.slipway.api.problem.KnownParameters;
import io.slipway.db.access.Role;
import io.slipway.db.build.Build;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
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
    private static final KnownParameters NONE = KnownParameters.of();

    private final BuildAccess access;
    private final Retries retries;
    private final IdempotentRequests requests;

    RetryController(BuildAccess access, Retries retries, IdempotentRequests requests) {
        this.access = access;
        this.retries = retries;
        this.requests = requests;
    }

    /** Queues a build with what another one had that has ended: 202 with the new one. */
    @PostMapping("/v1/builds/{id}/retry")
    ResponseEntity<byte[]> retry(
            @PathVariable("id") String id, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        NONE.checkWithoutBody(request);
        Build build = access.require(id, request, Role.BUILDER);
        String key = request.getHeader(IdempotentRequests.HEADER);
        try (IdempotentRequests.@Nullable Claim claim = requests.claim(build.project(), key)) {
            Accepted accepted = retries.retry(build, claim, response);
            return ResponseEntity.status(accepted.status())
                    .header(HttpHeaders.LOCATION, accepted.location())
                    .contentType(MediaType.APPLICATION_JSON)
                    .body(accepted.body());
        }
    }
}
