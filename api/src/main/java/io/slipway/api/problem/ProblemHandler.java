package io.slipway.api.problem;

import io.slipway.api.diagnostic.RequestIds;
import io.slipway.db.DatabaseException;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.net.URI;
import org.apache.tomcat.util.http.InvalidParameterException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.WebRequest;
import org.springframework.web.servlet.mvc.method.annotation.ResponseEntityExceptionHandler;

/** Turns every exception of a controller, and Spring's own, into problem details. */
@RestControllerAdvice
final class ProblemHandler extends ResponseEntityExceptionHandler {
    private static final Logger LOG = LoggerFactory.getLogger(ProblemHandler.class);

    @ExceptionHandler
    ResponseEntity<ProblemDetail> problem(ProblemException exception, HttpServletRequest request) {
        exception.answers(request);
        ProblemDetail problem = exception.toProblemDetail();
        ResponseEntity.BodyBuilder response = ResponseEntity.status(problem.getStatus());
        exception.headers().forEach(response::header);
        if (exception.type() == ProblemType.UNAUTHORIZED) {
            // Of the credentials that the filters have let through; a 401 always says how to authenticate (RFC 9110,
            // section 15.5.2).
            response.header(HttpHeaders.WWW_AUTHENTICATE, "Bearer realm=\"Slipway\", error=\"invalid_token\"");
        }
        return response.contentType(MediaType.APPLICATION_PROBLEM_JSON).body(problem);
    }

    @ExceptionHandler
    ResponseEntity<ProblemDetail> database(DatabaseException exception, HttpServletRequest request) {
        if (exception.isOfStatement()) {
            return defect(exception, request); // to ask again would not help
        }
        if (!exception.isUnreachable()) {
            LOG.warn("The database refused", exception);
        }
        return respond(new ProblemException(
                        ProblemType.DATABASE_UNAVAILABLE,
                        "The database can't be reached at the moment; nothing was changed.")
                .toProblemDetail());
    }

    /** Of Tomcat, which reads all parameters of a query when it is asked for the first. */
    @ExceptionHandler
    ResponseEntity<ProblemDetail> parameters(InvalidParameterException exception) {
        LOG.debug("A query can't be read", exception);
        return respond(new ProblemException(
                        ProblemType.REQUEST_INVALID,
                        "The query can't be read: it has more than 1,000 parameters, or a % that is no percent-encoding of a text.")
                .with("hint", "encode the text as UTF-8")
                .toProblemDetail());
    }

    @ExceptionHandler
    @Nullable
    ResponseEntity<ProblemDetail> connection(IOException exception, HttpServletRequest request) {
        // The client went away while its request was read or its answer written: there is nobody to tell.
        LOG.debug("{} {} was broken off", request.getMethod(), request.getRequestURI(), exception);
        return null;
    }

    @ExceptionHandler
    ResponseEntity<ProblemDetail> defect(Exception exception, HttpServletRequest request) {
        String id = RequestIds.of(request);
        LOG.error("Defect at {} {} ({})", request.getMethod(), request.getRequestURI(), id, exception);
        return respond(new ProblemException(
                        ProblemType.INTERNAL,
                        "Something went wrong inside Slipway; its log has more under the id " + id + ".")
                .with("id", id)
                .toProblemDetail());
    }

    /** Spring's own exceptions carry a problem; it gets our type and media type here. */
    @Override
    protected @Nullable ResponseEntity<Object> handleExceptionInternal(
            Exception exception,
            @Nullable Object body,
            HttpHeaders headers,
            HttpStatusCode status,
            WebRequest request) {
        ProblemDetail problem = body instanceof ProblemDetail detail
                ? detail
                : ProblemDetail.forStatusAndDetail(status, String.valueOf(exception.getMessage()));
        ProblemType type = typeOf(HttpStatus.valueOf(status.value()));
        problem.setType(URI.create("/problems/" + type.slug()));
        problem.setTitle(type.title());
        problem.setDetail(sentence(problem.getDetail()));
        return ResponseEntity.status(status)
                .headers(headers)
                .contentType(MediaType.APPLICATION_PROBLEM_JSON)
                .body(problem);
    }

    /** Spring's are without a full stop. */
    private static String sentence(@Nullable String detail) {
        String text = String.valueOf(detail);
        return text.endsWith(".") ? text : text + ".";
    }

    private static ProblemType typeOf(HttpStatus status) {
        return switch (status) {
            case NOT_FOUND -> ProblemType.NOT_FOUND;
            case METHOD_NOT_ALLOWED -> ProblemType.METHOD_NOT_ALLOWED;
            case NOT_ACCEPTABLE -> ProblemType.NOT_ACCEPTABLE;
            case UNSUPPORTED_MEDIA_TYPE -> ProblemType.MEDIA_TYPE_UNSUPPORTED;
            case CONTENT_TOO_LARGE -> ProblemType.CONTENT_TOO_LARGE;
            default -> status.is5xxServerError() ? ProblemType.INTERNAL : ProblemType.REQUEST_INVALID;
        };
    }

    private static ResponseEntity<ProblemDetail> respond(ProblemDetail problem) {
        return ResponseEntity.status(problem.getStatus())
                .contentType(MediaType.APPLICATION_PROBLEM_JSON)
                .body(problem);
    }
}
