package io.slipway.api.conditional;

import io.slipway.api.problem.ProblemException;
import io.slipway.api.problem.ProblemType;
import io.slipway.db.ChangeTurns;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;
import org.springframework.http.HttpHeaders;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.servlet.HandlerExceptionResolver;
import org.springframework.web.util.ContentCachingResponseWrapper;

/**
 * Lets a PATCH, PUT or DELETE with {@code If-Match} or {@code If-None-Match} through only if that holds of what is there, and answers 412 otherwise. Such
 * requests for one address take turns, over all services on the database: of two that name the same tag one is refused. Others are not touched. Thread-safe.
 */
final class ConditionalChanges extends OncePerRequestFilter {
    private static final Set<String> CHANGES = Set.of("PATCH", "PUT", "DELETE");

    /** No call that changes something with an entity tag takes a larger body. */
    private static final int MOST_BYTES = 2 * 1024 * 1024;

    private final CurrentTag current;
    private final ChangeTurns turns;
    private final HandlerExceptionResolver problems;

    ConditionalChanges(CurrentTag current, ChangeTurns turns, HandlerExceptionResolver problems) {
        this.current = current;
        this.turns = turns;
        this.problems = problems;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        boolean conditional =
                request.getHeader(HttpHeaders.IF_MATCH) != null || request.getHeader(HttpHeaders.IF_NONE_MATCH) != null;
        if (!conditional || isSafe(request) || request.getRequestURI().startsWith("/v1/webhooks/")) {
            chain.doFilter(request, response);
            return;
        }
        try {
            change(request, response, chain);
        } catch (IOException e) {
            throw e; // the client is gone
        } catch (Exception e) {
            if (response.isCommitted() || problems.resolveException(request, response, null, e) == null) {
                throw new ServletException(e);
            }
        }
    }

    private static boolean isSafe(HttpServletRequest request) {
        return Set.of("GET", "HEAD", "OPTIONS", "TRACE").contains(request.getMethod());
    }

    private void change(HttpServletRequest request, HttpServletResponse response, FilterChain chain) throws Exception {
        Optional<EntityTags> match = EntityTags.of(request, HttpHeaders.IF_MATCH);
        Optional<EntityTags> noneMatch = EntityTags.of(request, HttpHeaders.IF_NONE_MATCH);
        if (!CHANGES.contains(request.getMethod())) {
            throw new ProblemException(
                            ProblemType.PARAMETER_INVALID,
                            "A " + request.getMethod()
                                    + " can't be conditional: it does not change what is at its address.")
                    .with("hint", "leave If-Match and If-None-Match out");
        }
        if (!current.isReadable(request)) {
            throw new ProblemException(
                    ProblemType.PRECONDITION_FAILED, "What is at this address can't be read, and has no entity tag.");
        }
        byte[] body = request.getInputStream().readNBytes(MOST_BYTES + 1);
        if (body.length > MOST_BYTES) {
            throw new ProblemException(
                    ProblemType.CONTENT_TOO_LARGE,
                    "The body of a conditional request has " + MOST_BYTES + " bytes at most.");
        }
        // Neither a client that sends slowly nor one that reads slowly keeps others from their turn.
        ContentCachingResponseWrapper answer = new ContentCachingResponseWrapper(response);
        try (ChangeTurns.Turn _ = turns.take(request.getRequestURI())) {
            Optional<String> tag = current.of(request, response);
            if (tag.isPresent() || request.getMethod().equals("PUT")) {
                check(tag, match, noneMatch);
            }
            // What is not there can't be changed, and the caller is told just that.
            chain.doFilter(new BufferedRequest(request, body), answer);
        }
        answer.copyBodyToResponse();
    }

    private static void check(Optional<String> tag, Optional<EntityTags> match, Optional<EntityTags> noneMatch) {
        if (match.isPresent()
                && tag.filter(there -> match.get().matchStrongly(there)).isEmpty()) {
            throw new ProblemException(
                            ProblemType.PRECONDITION_FAILED,
                            tag.isEmpty()
                                    ? "There is nothing at this address (any more)."
                                    : "It is not what the header If-Match names any more: somebody has changed it.")
                    .with("etag", tag.orElse(null));
        }
        if (noneMatch.isPresent()
                && tag.filter(there -> noneMatch.get().matchWeakly(there)).isPresent()) {
            throw new ProblemException(
                            ProblemType.PRECONDITION_FAILED,
                            "There is something at this address already that the header If-None-Match names.")
                    .with("etag", tag.get());
        }
    }
}
