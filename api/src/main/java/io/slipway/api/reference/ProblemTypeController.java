package io.slipway.api.reference;

import io.slipway.api.html.Html;
import io.slipway.api.html.Page;
import io.slipway.api.problem.KnownParameters;
import io.slipway.api.problem.ProblemException;
import io.slipway.api.problem.ProblemType;
import jakarta.servlet.http.HttpServletRequest;
import java.nio.charset.StandardCharsets;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** What is behind a problem's {@code type}. */
@RestController
final class ProblemTypeController {
    private static final KnownParameters KNOWN = KnownParameters.of();

    /** {@code GET /problems/{slug}}: what the type means and what to do, for people: as a page for browsers, otherwise as text. Needs no token. */
    @GetMapping(
            path = "/problems/{slug}",
            produces = {MediaType.TEXT_PLAIN_VALUE, MediaType.TEXT_HTML_VALUE})
    ResponseEntity<byte[]> explain(@PathVariable("slug") String slug, HttpServletRequest request) {
        KNOWN.check(request);
        ProblemType type = ProblemType.parse(slug)
                .orElseThrow(() -> new ProblemException(ProblemType.NOT_FOUND, "There is no such type of problem."));
        String title = "%s (%d)".formatted(type.title(), type.status().value());
        return Page.answer(
                request,
                wantsPage(request)
                        ? Page.Document.ofHtml(Page.of(
                                title,
                                "<h1>" + Html.escape(title) + "</h1>\n<p><code>" + type.slug() + "</code></p>\n"
                                        + Html.prose(type.explanation())
                                        + "<p><a href=\"/docs#problems\">All problems</a></p>\n"))
                        : Page.Document.of(
                                new MediaType(MediaType.TEXT_PLAIN, StandardCharsets.UTF_8),
                                "%s%n%n%s%n".formatted(title, type.explanation())));
    }

    /** Browsers name the type; whoever takes anything gets what a terminal shows. */
    private static boolean wantsPage(HttpServletRequest request) {
        String accepted = request.getHeader(HttpHeaders.ACCEPT);
        return accepted != null
                && MediaType.parseMediaTypes(accepted).stream()
                        .anyMatch(type -> type.equalsTypeAndSubtype(MediaType.TEXT_HTML));
    }
}
