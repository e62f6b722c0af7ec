package io.slipway.api.access;

import io.slipway.api.diagnostic.RequestIds;
import io.slipway.api.problem.ProblemException;
import io.slipway.db.audit.Actor;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Says for the audit log on whose behalf a request is answered, and notes it when the answer is that the caller may not. Behind the filters of Spring Security. Thread-safe.
 */
@Component
@Order(0)
final class ActorFilter extends OncePerRequestFilter {
    private final RefusedAccess refused;

    ActorFilter(RefusedAccess refused) {
        this.refused = refused;
    }

    /** Workers have tokens that end with the service that has started them, and come with them still. */
    @Override
    protected boolean shouldNotFilter(HttpServletRequest request) {
        return request.getRequestURI().startsWith("/internal/");
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        Actor actor = actor(request);
        try {
            Actor.as(actor, () -> {
                chain.doFilter(request, response);
                return true;
            });
        } catch (ServletException | IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new ServletException(e); // a filter throws no other
        }
        int status = response.getStatus();
        if (status == HttpServletResponse.SC_UNAUTHORIZED || status == HttpServletResponse.SC_FORBIDDEN) {
            refused.note(actor, project(request), status, request.getMethod(), request.getRequestURI());
        }
    }

    private static Actor actor(HttpServletRequest request) {
        if (request.getUserPrincipal() instanceof CallerAuthentication authentication) {
            Caller caller = authentication.caller();
            return new Actor(
                    caller.isToken() ? Actor.Kind.TOKEN : Actor.Kind.IDENTITY,
                    caller.id(),
                    caller.name(),
                    request.getRemoteAddr(),
                    RequestIds.of(request));
        }
        return stranger(request);
    }

    /** Somebody of whom only the address is known. */
    static Actor stranger(HttpServletRequest request) {
        return new Actor(Actor.Kind.UNKNOWN, null, null, request.getRemoteAddr(), RequestIds.of(request));
    }

    /** Whose the thing is that was asked for, if the caller sees it. */
    private static @Nullable String project(HttpServletRequest request) {
        return ProblemException.answered(request)
                .map(problem -> problem.fields().get("project"))
                .map(String::valueOf)
                .orElse(null);
    }
}
