package io.slipway.api.conditional;

import io.slipway.api.problem.ProblemException;
import io.slipway.api.problem.ProblemType;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;
import org.springframework.web.HttpRequestMethodNotSupportedException;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerExecutionChain;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerAdapter;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import org.springframework.web.util.ServletRequestPathUtils;

/** The entity tag of what a request is about to change: that of a GET of the same address by the same caller. Thread-safe. */
@Component
final class CurrentTag {
    private final RequestMappingHandlerMapping mapping;
    private final RequestMappingHandlerAdapter adapter;

    CurrentTag(
            @Qualifier("requestMappingHandlerMapping") RequestMappingHandlerMapping mapping,
            @Qualifier("requestMappingHandlerAdapter") RequestMappingHandlerAdapter adapter) {
        this.mapping = mapping;
        this.adapter = adapter;
    }

    /** Whether there are things with entity tags at such addresses, which is that they can be read. */
    boolean isReadable(HttpServletRequest request) throws Exception {
        return reader(new TagRequest(request)) != null;
    }

    /**
     * The tag, or empty if there is nothing at the address.
     *
     * @param response the answer to the request, of which nothing is changed
     * @throws ProblemException as the GET would be refused, unless there is nothing in the project
     */
    Optional<String> of(HttpServletRequest request, HttpServletResponse response) throws Exception {
        TagRequest get = new TagRequest(request);
        HandlerMethod reader = reader(get);
        if (reader == null) {
            return Optional.empty();
        }
        TagResponse answer = new TagResponse(response);
        try {
            adapter.handle(get, answer, reader);
        } catch (ProblemException e) {
            if (e.type().status() == HttpStatus.NOT_FOUND && e.type() != ProblemType.PROJECT_NOT_FOUND) {
                return Optional.empty();
            }
            throw e;
        }
        return Optional.ofNullable(answer.tag());
    }

    private @Nullable HandlerMethod reader(TagRequest get) throws Exception {
        ServletRequestPathUtils.parseAndCache(get);
        try {
            HandlerExecutionChain chain = mapping.getHandler(get);
            return chain != null && chain.getHandler() instanceof HandlerMethod method ? method : null;
        } catch (HttpRequestMethodNotSupportedException e) {
            return null;
        }
    }
}
