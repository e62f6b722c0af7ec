package io.slipway.api.conditional;

import io.slipway.api.problem.ProblemException;
import io.slipway.api.problem.ProblemType;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;
import org.springframework.core.MethodParameter;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.converter.HttpMessageConverter;
import org.springframework.http.converter.json.JacksonJsonHttpMessageConverter;
import org.springframework.http.server.ServerHttpRequest;
import org.springframework.http.server.ServerHttpResponse;
import org.springframework.http.server.ServletServerHttpRequest;
import org.springframework.http.server.ServletServerHttpResponse;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.servlet.mvc.method.annotation.ResponseBodyAdvice;
import tools.jackson.databind.json.JsonMapper;

/**
 * Gives every JSON document that a controller answers a GET with its entity tag, and leaves the document out for those who have it (304). The answer to a
 * PATCH is the same document, so it has its tag, too. What is streamed does not come this way: a controller that writes to the response by itself has
 * nothing to be converted. Thread-safe.
 */
@RestControllerAdvice
final class EntityTagAdvice implements ResponseBodyAdvice<Object> {
    /** Kept for its owner only, and asked about each time. */
    private static final String CACHING = "private, no-cache";

    private final JsonMapper json;

    EntityTagAdvice(JsonMapper json) {
        this.json = json;
    }

    @Override
    public boolean supports(MethodParameter returned, Class<? extends HttpMessageConverter<?>> converter) {
        return JacksonJsonHttpMessageConverter.class.isAssignableFrom(converter)
                && (returned.hasMethodAnnotation(GetMapping.class) || returned.hasMethodAnnotation(PatchMapping.class));
    }

    @Override
    public @Nullable Object beforeBodyWrite(
            @Nullable Object body,
            MethodParameter returned,
            MediaType type,
            Class<? extends HttpMessageConverter<?>> converter,
            ServerHttpRequest request,
            ServerHttpResponse response) {
        if (body == null
                || !(request instanceof ServletServerHttpRequest asked)
                || !(response instanceof ServletServerHttpResponse answer)
                || answer.getServletResponse().getStatus() != HttpServletResponse.SC_OK
                || !asked.getServletRequest().getRequestURI().startsWith("/v1")) {
            return body;
        }
        String tag =
                body instanceof Moving moving ? "W/" + EntityTag.of(json, moving.still()) : EntityTag.of(json, body);
        HttpServletRequest got = asked.getServletRequest();
        boolean reads = returned.hasMethodAnnotation(GetMapping.class);
        if (reads
                && EntityTags.of(got, HttpHeaders.IF_MATCH)
                        .filter(wanted -> !wanted.matchStrongly(tag))
                        .isPresent()) {
            throw new ProblemException(
                    ProblemType.PRECONDITION_FAILED, "It is not what the header If-Match names (any more).");
        }
        boolean known = reads && EntityTag.isKnown(got, tag);
        // Not among the headers of Spring's response: those are not sent if there is no body.
        answer.getServletResponse().setHeader(HttpHeaders.ETAG, tag);
        answer.getServletResponse().setHeader(HttpHeaders.CACHE_CONTROL, CACHING);
        if (known) {
            answer.getServletResponse().setStatus(HttpServletResponse.SC_NOT_MODIFIED);
            // Of what the client has it knows the next page, too (RFC 9110, section 15.4.5).
            response.getHeaders().remove(HttpHeaders.LINK);
            return null;
        }
        return body;
    }
}
