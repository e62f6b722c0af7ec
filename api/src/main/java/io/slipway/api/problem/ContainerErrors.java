package io.slipway.api.problem;

import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import java.net.URI;
import org.springframework.boot.webmvc.error.ErrorController;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Answers what the servlet container refuses when the service has the request already, such as TRACE, with a problem. In the place of Spring Boot's own. */
@RestController
final class ContainerErrors implements ErrorController {
    /** Where the container sends what it refuses; whoever asks for this by himself finds nothing. */
    @RequestMapping("/error")
    ResponseEntity<ProblemDetail> answer(HttpServletRequest request) {
        Object refused = request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE);
        int status = refused instanceof Integer code ? code : 404;
        ContainerProblem said = ContainerProblem.of(status);
        ProblemDetail problem = new ProblemException(said.type(), said.detail()).toProblemDetail();
        problem.setStatus(status);
        if (request.getAttribute(RequestDispatcher.ERROR_REQUEST_URI) instanceof String address) {
            problem.setInstance(URI.create(address.replaceFirst("^/+", "/")));
        }
        return ResponseEntity.status(status)
                .contentType(MediaType.APPLICATION_PROBLEM_JSON)
                .body(problem);
    }
}
