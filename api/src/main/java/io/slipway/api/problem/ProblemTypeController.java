package io.slipway.api.problem;

import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** What is behind a problem's {@code type}. */
@RestController
final class ProblemTypeController {
    /** {@code GET /problems/{slug}}: what the type means, for people. Needs no token. */
    @GetMapping(path = "/problems/{slug}", produces = MediaType.TEXT_PLAIN_VALUE)
    String explain(@PathVariable("slug") String slug) {
        ProblemType type = ProblemType.parse(slug)
                .orElseThrow(() -> new ProblemException(ProblemType.NOT_FOUND, "There is no such type of problem."));
        return "%s (%d)%n%n%s%n".formatted(type.title(), type.status().value(), type.explanation());
    }
}
