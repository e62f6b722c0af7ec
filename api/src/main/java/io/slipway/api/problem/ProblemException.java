package io.slipway.api.problem;

import jakarta.servlet.http.HttpServletRequest;
import java.net.URI;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ProblemDetail;

/** Ends a request with a problem. Thrown from anywhere below a controller. */
public final class ProblemException extends RuntimeException {
    private static final String ATTRIBUTE = ProblemException.class.getName();

    private final ProblemType type;
    private final Map<String, Object> fields = new LinkedHashMap<>();
    private final Map<String, String> headers = new LinkedHashMap<>();

    /** @param detail one sentence for people about this very problem */
    public ProblemException(ProblemType type, String detail) {
        super(detail);
        this.type = type;
    }

    /** Adds a field for machines, such as {@code line}; null is left out. Returns this. */
    public ProblemException with(String field, @Nullable Object value) {
        if (value != null) {
            fields.put(field, value);
        }
        return this;
    }

    /** Adds a header to the response. Returns this. */
    public ProblemException header(String name, String value) {
        headers.put(name, value);
        return this;
    }

    /** The same problem, whose detail begins with what it is about: {@code SUBJECT: DETAIL}. */
    public ProblemException about(String subject) {
        ProblemException named = new ProblemException(type, subject + ": " + getMessage());
        named.fields.putAll(fields);
        named.headers.putAll(headers);
        named.initCause(this);
        return named;
    }

    /** The problem that a request was answered with, for those through whom the answer goes. */
    public static Optional<ProblemException> answered(HttpServletRequest request) {
        return Optional.ofNullable((ProblemException) request.getAttribute(ATTRIBUTE));
    }

    /** Notes that a request is answered with this. */
    void answers(HttpServletRequest request) {
        request.setAttribute(ATTRIBUTE, this);
    }

    /** The kind of problem. */
    public ProblemType type() {
        return type;
    }

    /** Fields for machines. */
    public Map<String, Object> fields() {
        return Collections.unmodifiableMap(fields);
    }

    /** Headers of the response: those that were added, and {@code Retry-After} if the type has a usual time. */
    public Map<String, String> headers() {
        Map<String, String> all = new LinkedHashMap<>();
        Integer seconds = type.retryAfterSeconds();
        if (seconds != null) {
            all.put(HttpHeaders.RETRY_AFTER, seconds.toString());
        }
        all.putAll(headers);
        return all;
    }

    /** The problem as the body of the response to {@code request}, for those who write it themselves. */
    public ProblemDetail toProblemDetail(HttpServletRequest request) {
        ProblemDetail problem = toProblemDetail();
        problem.setInstance(URI.create(request.getRequestURI().replaceFirst("^/+", "/")));
        return problem;
    }

    /** The problem as the body of a response. Spring adds the {@code instance}. */
    ProblemDetail toProblemDetail() {
        ProblemDetail problem = ProblemDetail.forStatusAndDetail(type.status(), String.valueOf(getMessage()));
        problem.setType(URI.create("/problems/" + type.slug()));
        problem.setTitle(type.title());
        fields.forEach(problem::setProperty);
        return problem;
    }
}
