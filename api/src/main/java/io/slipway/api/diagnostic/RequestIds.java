package io.slipway.api.diagnostic;

import io.slipway.db.SortedIds;
import io.slipway.db.build.BuildId;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Instant;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Gives each request an id, or takes the one that a proxy before the service has given it: it is in the answer, in each line that is logged
 * meanwhile, and in the audit log. Before all other filters. Thread-safe.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE)
public final class RequestIds extends OncePerRequestFilter {
    /** The header field, of requests and answers. */
    static final String HEADER = "X-Request-Id";

    /** What others use for ids: they go into logs, and must not be able to say anything there. */
    private static final Pattern FORM = Pattern.compile("[A-Za-z0-9._:/+=-]{1,100}");

    private static final Pattern BUILD = Pattern.compile("/(?:internal/)?v1/builds/(bld_[0-9a-z]{26})(?:/.*)?");
    private static final SortedIds IDS = new SortedIds("req_");

    /** The id of a request that is being answered. */
    public static @Nullable String of(HttpServletRequest request) {
        return request.getAttribute(HEADER) instanceof String id ? id : null;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        String id = id(request.getHeader(HEADER));
        request.setAttribute(HEADER, id);
        response.setHeader(HEADER, id);
        Matcher path = BUILD.matcher(request.getRequestURI());
        try (LogFields _ = LogFields.request(id)) {
            if (path.matches() && BuildId.parse(path.group(1)).isPresent()) {
                try (LogFields _ = LogFields.build(path.group(1))) {
                    chain.doFilter(request, response);
                }
            } else {
                chain.doFilter(request, response);
            }
        }
    }

    private static String id(@Nullable String given) {
        return given != null && FORM.matcher(given).matches() ? given : IDS.create(Instant.now());
    }
}
