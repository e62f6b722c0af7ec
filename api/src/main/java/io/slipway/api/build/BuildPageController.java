package io.slipway.api.build;

import io.slipway.api.html.Page;
import io.slipway.api.problem.KnownParameters;
import io.slipway.db.access.Role;
import io.slipway.db.build.BuildDetails;
import io.slipway.db.build.BuildId;
import io.slipway.db.build.Builds;
import jakarta.servlet.http.HttpServletRequest;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/**
 * What commit statuses and check runs link to: a build for people who come with a browser, which asks for a token as a password. It only reads, since browsers send passwords
 * by themselves.
 */
@RestController
final class BuildPageController {
    private static final KnownParameters KNOWN = KnownParameters.of();

    /** How soon a page of a build that has not ended is loaded again. */
    private static final String REFRESH_SECONDS = "5";

    private final BuildAccess access;
    private final Builds builds;
    private final BuildResources resources;

    BuildPageController(BuildAccess access, Builds builds, BuildResources resources) {
        this.access = access;
        this.builds = builds;
        this.resources = resources;
    }

    /** {@code GET /builds/{id}}: the build as a page. */
    @GetMapping(path = "/builds/{id}", produces = MediaType.TEXT_HTML_VALUE)
    ResponseEntity<byte[]> page(@PathVariable("id") String text, HttpServletRequest request) {
        KNOWN.check(request);
        BuildId id = access.require(text, request, Role.VIEWER).id();
        BuildDetails details = builds.details(id).orElseThrow(() -> BuildAccess.notFound(text));
        ResponseEntity<byte[]> answer =
                Page.answer(request, Page.Document.ofHtml(BuildPage.of(resources.whole(details))));
        return details.build().state().isFinished()
                ? answer
                : ResponseEntity.status(answer.getStatusCode())
                        .headers(answer.getHeaders())
                        .header("Refresh", REFRESH_SECONDS)
                        .body(answer.getBody());
    }
}
