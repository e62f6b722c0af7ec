package io.slipway.api.html;

import io.slipway.api.conditional.EntityTag;
import jakarta.servlet.http.HttpServletRequest;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;

/**
 * A page for people: HTML without scripts, images and forms, and one style sheet in it. The policy that it is sent with (Content Security Policy 3) allows just that sheet, by
 * its hash, so that nothing that got into a text could do anything in a browser.
 */
public final class Page {
    private static final String STYLE = """
            :root { color-scheme: light dark; }
            body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 0 auto; padding: 1rem; overflow-wrap: break-word; }
            h2 { border-bottom: 1px solid; margin-top: 3rem; }
            h3 b { color: #0a6; }
            article { margin: 2rem 0; }
            code, pre { font: 0.9em/1.4 ui-monospace, monospace; }
            pre { overflow-x: auto; padding: 0.6rem; border: 1px solid #8886; }
            table { border-collapse: collapse; width: 100%; display: block; overflow-x: auto; }
            th, td { text-align: left; vertical-align: top; padding: 0.25rem 0.6rem; border-bottom: 1px solid #8884; }
            dt { font-weight: bold; }
            dd { margin: 0 0 0.5rem 2rem; }
            ul { padding-left: 1.2rem; }
            .role { font-size: 0.85em; border: 1px solid #8886; padding: 0 0.4em; margin-left: 0.5em; }
            """;

    private static final String POLICY = "default-src 'none'; style-src 'sha256-" + hash()
            + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private Page() {}

    private static String hash() {
        try {
            return Base64.getEncoder()
                    .encodeToString(
                            MessageDigest.getInstance("SHA-256").digest(STYLE.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has it", e);
        }
    }

    /** The document. */
    public static String of(String title, String body) {
        return "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n<title>"
                + Html.escape(title) + "</title>\n<style>" + STYLE + "</style>\n</head>\n<body>\n" + body
                + "</body>\n</html>\n";
    }

    /**
     * Something that is shown as it is, with its entity tag: made once.
     *
     * @param content the bytes, in UTF-8
     */
    @SuppressWarnings("ArrayRecordComponent") // nobody compares it, and nobody changes it
    public record Document(MediaType type, byte[] content, String tag) {
        public static Document of(MediaType type, String content) {
            return new Document(type, content.getBytes(StandardCharsets.UTF_8), EntityTag.of(content));
        }

        public static Document ofHtml(String content) {
            return of(new MediaType(MediaType.TEXT_HTML, StandardCharsets.UTF_8), content);
        }
    }

    /** The answer with a document; without it if the caller has it. */
    public static ResponseEntity<byte[]> answer(HttpServletRequest request, Document document) {
        boolean known = EntityTag.isKnown(request, document.tag());
        ResponseEntity.BodyBuilder answer = ResponseEntity.status(known ? HttpStatus.NOT_MODIFIED : HttpStatus.OK)
                .eTag(document.tag())
                .cacheControl(CacheControl.noCache());
        if (known) {
            return answer.build();
        }
        return answer.contentType(document.type())
                .header("Content-Security-Policy", POLICY)
                .header("X-Content-Type-Options", "nosniff")
                .header("Referrer-Policy", "no-referrer")
                .header("Cross-Origin-Resource-Policy", "same-origin")
                .header(HttpHeaders.VARY, HttpHeaders.ACCEPT)
                .body(document.content());
    }
}
