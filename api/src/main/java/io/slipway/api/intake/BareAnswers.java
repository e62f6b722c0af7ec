package io.slipway.api.intake;

import io.slipway.api.problem.ProblemException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** Answers to requests whose body is streamed: nothing of Spring's looks at those. Thread-safe. */
@Component
final class BareAnswers {
    private final JsonMapper json;

    BareAnswers(JsonMapper json) {
        this.json = json;
    }

    /** Answers with a document as JSON. */
    void send(HttpServletResponse response, int status, Object document) throws IOException {
        send(response, status, json.writeValueAsBytes(document));
    }

    /** Answers with JSON. */
    void send(HttpServletResponse response, int status, byte[] document) throws IOException {
        response.setStatus(status);
        write(response, MediaType.APPLICATION_JSON_VALUE, document);
    }

    /** Answers with a problem. */
    void refuse(HttpServletRequest request, HttpServletResponse response, ProblemException problem) throws IOException {
        ProblemDetail detail = problem.toProblemDetail(request);
        response.setStatus(detail.getStatus());
        problem.headers().forEach(response::setHeader);
        write(response, MediaType.APPLICATION_PROBLEM_JSON_VALUE, json.writeValueAsBytes(detail));
    }

    private static void write(HttpServletResponse response, String type, byte[] body) throws IOException {
        response.setContentType(type);
        response.setContentLength(body.length);
        response.getOutputStream().write(body);
    }
}
