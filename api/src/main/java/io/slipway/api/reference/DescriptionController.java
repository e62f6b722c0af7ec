package io.slipway.api.reference;

import io.slipway.api.html.Page;
import io.slipway.api.problem.KnownParameters;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.springframework.core.io.ClassPathResource;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** The description of the API: the {@code openapi.yaml} of the sources, which the build puts among the service's resources, and the page that is made from it. */
@RestController
final class DescriptionController {
    private static final KnownParameters KNOWN = KnownParameters.of();

    /** Read, and the page made, when somebody asks for the first time. */
    private static final class Documents {
        private static final String TEXT = read();
        static final Page.Document DESCRIPTION = Page.Document.of(MediaType.APPLICATION_YAML, TEXT);
        static final Page.Document PAGE = Page.Document.ofHtml(ReferencePage.of(Node.parse(TEXT)));

        private static String read() {
            try {
                return new ClassPathResource("openapi.yaml").getContentAsString(StandardCharsets.UTF_8);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** {@code GET /openapi.yaml}. Needs no token. */
    @GetMapping(path = "/openapi.yaml", produces = "application/yaml")
    ResponseEntity<byte[]> description(HttpServletRequest request) {
        KNOWN.check(request);
        return Page.answer(request, Documents.DESCRIPTION);
    }

    /** {@code GET /docs}. Needs no token. */
    @GetMapping(path = "/docs", produces = MediaType.TEXT_HTML_VALUE)
    ResponseEntity<byte[]> page(HttpServletRequest request) {
        KNOWN.check(request);
        return Page.answer(request, Documents.PAGE);
    }
}
