package io.slipway.api.access;

import io.slipway.api.problem.ProblemException;
import io.slipway.api.problem.ProblemType;
import io.slipway.db.DatabaseException;
import io.slipway.db.access.Token;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Optional;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;
import tools.jackson.databind.json.JsonMapper;

/**
 * Asks for a token everywhere but for health, the explanations of problems and the description of the API. Workers have tokens of their own kind, which
 * their controller checks. Reads headers only, never the body.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 100)
final class TokenFilter extends OncePerRequestFilter {
    private final AccessTokens tokens;
    private final JsonMapper json;

    TokenFilter(AccessTokens tokens, JsonMapper json) {
        this.tokens = tokens;
        this.json = json;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        // The container's decoded and normalized path: `/actuator/health/../prometheus` is what it leads to.
        String path = request.getServletPath();
        if (isOpen(path)) {
            chain.doFilter(request, response);
            return;
        }
        boolean registry = path.equals("/v2") || path.startsWith("/v2/");
        String authorization = request.getHeader(HttpHeaders.AUTHORIZATION);
        Optional<Token> token;
        try {
            token = registry ? tokens.bearerOrBasic(authorization) : tokens.bearer(authorization);
        } catch (DatabaseException e) {
            refuse(
                    request,
                    response,
                    new ProblemException(
                            ProblemType.DATABASE_UNAVAILABLE,
                            "The database can't be reached, so the token can't be checked."));
            return;
        }
        if (token.isPresent()) {
            new Caller(token.get()).attachTo(request);
            chain.doFilter(request, response);
        } else if (registry) {
            refuseRegistryClient(response);
        } else {
            boolean sent = authorization != null;
            response.setHeader(
                    HttpHeaders.WWW_AUTHENTICATE,
                    sent ? "Bearer realm=\"Slipway\", error=\"invalid_token\"" : "Bearer realm=\"Slipway\"");
            refuse(
                    request,
                    response,
                    new ProblemException(
                            ProblemType.UNAUTHORIZED,
                            sent
                                    ? "The token in the Authorization header is not valid (any more)."
                                    : "The request has no token: send `Authorization: Bearer TOKEN`."));
        }
    }

    private static boolean isOpen(String path) {
        return path.equals("/actuator/health")
                || path.startsWith("/actuator/health/")
                || path.startsWith("/problems/")
                || path.equals("/openapi.yaml")
                || path.startsWith("/internal/");
    }

    private void refuse(HttpServletRequest request, HttpServletResponse response, ProblemException exception)
            throws IOException {
        ProblemDetail problem = exception.toProblemDetail(request);
        response.setStatus(problem.getStatus());
        response.setContentType(MediaType.APPLICATION_PROBLEM_JSON_VALUE);
        response.getOutputStream().write(json.writeValueAsBytes(problem));
    }

    /** As the OCI distribution specification writes errors; clients retry with the password they have for the host. */
    private static void refuseRegistryClient(HttpServletResponse response) throws IOException {
        response.setStatus(HttpServletResponse.SC_UNAUTHORIZED);
        response.setHeader(HttpHeaders.WWW_AUTHENTICATE, "Basic realm=\"Slipway\"");
        response.setContentType(MediaType.APPLICATION_JSON_VALUE);
        response.getOutputStream().print("""
                {"errors":[{"code":"UNAUTHORIZED","message":"log in with any user name and a Slipway token as password"}]}
                """);
    }
}
