package io.slipway.api.intake;

import io.slipway.api.problem.ProblemException;
import io.slipway.api.problem.ProblemType;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.List;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.HandlerMapping;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/**
 * Refuses an {@code Idempotency-Key} where it would have no effect: who sends one sends the request again after a failure, and must not believe that
 * this is safe. Of calls that are idempotent anyway (RFC 9110, section 9.2.2) it changes nothing, and nothing is said. Thread-safe.
 */
@Configuration(proxyBeanMethods = false)
class IdempotentCalls implements WebMvcConfigurer, HandlerInterceptor {
    private static final List<String> WITH_KEY = List.of("/v1/builds", "/v1/builds/{id}/retry");

    @Override
    public void addInterceptors(InterceptorRegistry registry) {
        // Git hosts and other senders of webhooks send what they like, and deliveries have ids of their own.
        registry.addInterceptor(this).addPathPatterns("/v1/**").excludePathPatterns("/v1/webhooks/**");
    }

    @Override
    public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler) {
        boolean changes =
                request.getMethod().equals("POST") || request.getMethod().equals("PATCH");
        if (changes
                && handler instanceof HandlerMethod
                && request.getHeader(IdempotentRequests.HEADER) != null
                && !WITH_KEY.contains(
                        String.valueOf(request.getAttribute(HandlerMapping.BEST_MATCHING_PATTERN_ATTRIBUTE)))) {
            throw new ProblemException(
                            ProblemType.PARAMETER_INVALID,
                            "This call does not take the header " + IdempotentRequests.HEADER
                                    + ": sent again, it is carried out again.")
                    .with("parameter", IdempotentRequests.HEADER)
                    .with("hint", "leave it out; POST " + String.join(" and POST ", WITH_KEY) + " take it");
        }
        return true;
    }
}
