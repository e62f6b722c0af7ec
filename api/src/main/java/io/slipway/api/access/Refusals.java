package io.slipway.api.access;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.slipway.api.html.Html;
import io.slipway.api.html.Page;
import io.slipway.api.problem.ProblemException;
import io.slipway.api.problem.ProblemType;
import io.slipway.db.access.Token;
import io.slipway.db.audit.Actor;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.security.core.AuthenticationException;
import org.springframework.security.web.firewall.RequestRejectedException;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** What the security filters answer those whom they don't let in. The body of such a request is not read. Thread-safe. */
@Component
final class Refusals {
    private final JsonMapper json;
    private final RefusedAccess refused;

    Refusals(JsonMapper json, RefusedAccess refused) {
        this.json = json;
        this.refused = refused;
    }

    /** A problem, and how to authenticate (RFC 6750, section 3). */
    void caller(HttpServletRequest request, HttpServletResponse response, AuthenticationException exception)
            throws IOException {
        ProblemException problem = problem(exception, request.getHeader(HttpHeaders.AUTHORIZATION));
        if (problem.type().status() == HttpStatus.UNAUTHORIZED) {
            note(request, exception);
            response.setHeader(HttpHeaders.WWW_AUTHENTICATE, challenge(request, problem));
        }
        write(request, response, problem);
    }

    /** As the OCI distribution specification writes errors; clients try again with the password that they have for the host. */
    void registryClient(HttpServletRequest request, HttpServletResponse response, AuthenticationException exception)
            throws IOException {
        String authorization = request.getHeader(HttpHeaders.AUTHORIZATION);
        ProblemException problem = problem(exception, authorization);
        if (problem.type().status() != HttpStatus.UNAUTHORIZED) {
            write(request, response, problem);
            return;
        }
        if (authorization != null) {
            note(request, exception); // without, it is how every client begins
        }
        response.setStatus(HttpServletResponse.SC_UNAUTHORIZED);
        response.setHeader(HttpHeaders.WWW_AUTHENTICATE, "Basic realm=\"Slipway\"");
        response.setContentType(MediaType.APPLICATION_JSON_VALUE);
        String message = authorization == null
                ? "log in with any user name and a Slipway token as password"
                : String.valueOf(problem.getMessage());
        response.getOutputStream()
                .write(json.writeValueAsBytes(java.util.Map.of(
                        "errors", java.util.List.of(java.util.Map.of("code", "UNAUTHORIZED", "message", message)))));
    }

    /** A page, and that a password is wanted (RFC 7617). */
    void browser(HttpServletRequest request, HttpServletResponse response, AuthenticationException exception)
            throws IOException {
        String authorization = request.getHeader(HttpHeaders.AUTHORIZATION);
        ProblemException problem = problem(exception, authorization);
        if (problem.type().status() != HttpStatus.UNAUTHORIZED) {
            write(request, response, problem);
            return;
        }
        if (authorization != null) {
            note(request, exception); // without, it is how every browser begins
        }
        response.setStatus(HttpServletResponse.SC_UNAUTHORIZED);
        response.setHeader(HttpHeaders.WWW_AUTHENTICATE, "Basic realm=\"Slipway\", charset=\"UTF-8\"");
        response.setContentType(MediaType.TEXT_HTML_VALUE);
        String message = authorization == null
                ? "Log in with any user name, and a Slipway token of the project as password."
                : String.valueOf(problem.getMessage());
        response.getOutputStream()
                .write(Page.of("Who asks?", "<h1>Who asks?</h1>\n<p>" + Html.escape(message) + "</p>\n")
                        .getBytes(UTF_8));
    }

    /** An address that different readers could read differently. */
    void address(HttpServletRequest request, HttpServletResponse response, RequestRejectedException exception)
            throws IOException {
        write(
                request,
                response,
                new ProblemException(
                        ProblemType.REQUEST_INVALID,
                        "The request's address can't be read safely: it has dot segments, or characters such as ; \\ or an encoded / or %."));
    }

    private void note(HttpServletRequest request, AuthenticationException exception) {
        Token known = exception instanceof RefusedException credentials ? credentials.token() : null;
        Actor stranger = ActorFilter.stranger(request);
        refused.note(
                known == null
                        ? stranger
                        : new Actor(Actor.Kind.TOKEN, known.id(), known.name(), stranger.address(), stranger.request()),
                known == null ? null : known.project(),
                HttpServletResponse.SC_UNAUTHORIZED,
                request.getMethod(),
                request.getRequestURI());
    }

    private static ProblemException problem(AuthenticationException exception, @Nullable String authorization) {
        if (exception instanceof RefusedException refused) {
            return refused.problem();
        }
        return new ProblemException(
                ProblemType.UNAUTHORIZED,
                authorization == null
                        ? "The request has no token: send `Authorization: Bearer TOKEN`."
                        : "The header Authorization has no token: it must be `Bearer TOKEN`.");
    }

    private static String challenge(HttpServletRequest request, ProblemException problem) {
        String challenge = "Bearer realm=\"Slipway\"";
        // Who has sent nothing is told nothing more (RFC 6750, section 3.1).
        return request.getHeader(HttpHeaders.AUTHORIZATION) == null
                ? challenge
                : challenge + ", error=\"invalid_token\", error_description=\""
                        + String.valueOf(problem.getMessage()).replaceAll("[^ !#-\\[\\]-~]", "'") + "\"";
    }

    private void write(HttpServletRequest request, HttpServletResponse response, ProblemException exception)
            throws IOException {
        ProblemDetail problem = exception.toProblemDetail(request);
        response.setStatus(problem.getStatus());
        response.setContentType(MediaType.APPLICATION_PROBLEM_JSON_VALUE);
        response.getOutputStream().write(json.writeValueAsBytes(problem));
    }
}
