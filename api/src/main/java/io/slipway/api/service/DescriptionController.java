package io.slipway.api.service;

import io.slipway.api.problem.KnownParameters;
import jakarta.servlet.http.HttpServletRequest;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.Resource;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** The description of the API: the {@code openapi.yaml} of the sources, which the build puts among the service's resources. */
@RestController
final class DescriptionController {
    private static final KnownParameters KNOWN = KnownParameters.of();

    /** {@code GET /openapi.yaml}. Needs no token. */
    @GetMapping(path = "/openapi.yaml", produces = "application/yaml")
    Resource get(HttpServletRequest request) {
        KNOWN.check(request);
        return new ClassPathResource("openapi.yaml");
    }
}
