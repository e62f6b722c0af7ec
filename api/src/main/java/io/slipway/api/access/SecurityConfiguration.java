package io.slipway.api.access;

import jakarta.servlet.http.HttpServletRequest;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.config.observation.SecurityObservationSettings;
import org.springframework.security.oauth2.server.resource.web.authentication.BearerTokenAuthenticationFilter;
import org.springframework.security.web.AuthenticationEntryPoint;
import org.springframework.security.web.DefaultSecurityFilterChain;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.firewall.HttpFirewall;
import org.springframework.security.web.firewall.RequestRejectedHandler;
import org.springframework.security.web.firewall.StrictHttpFirewall;
import org.springframework.security.web.servlet.util.matcher.PathPatternRequestMatcher;
import org.springframework.security.web.util.matcher.OrRequestMatcher;
import org.springframework.security.web.util.matcher.RequestMatcher;

/**
 * Spring Security's filters: credentials are asked for everywhere but for health, the explanations of problems and the description of the
 * API. Workers have tokens of their own kind, which their controller checks, and git hosts sign what they send. What a caller may do, the controllers ask {@link Caller},
 * since it depends on whose the thing is that the request names. There are no sessions, cookies or forms, and nothing
 * that a browser would send by itself but to read: no CSRF. Filters read headers only, never the body.
 */
@Configuration(proxyBeanMethods = false)
class SecurityConfiguration {
    @Bean
    @Order(1)
    SecurityFilterChain openToAll() {
        return new DefaultSecurityFilterChain(any(
                "/actuator/health",
                "/actuator/health/**",
                "/problems/*",
                "/openapi.yaml",
                "/docs",
                "/error",
                "/v1/webhooks/**",
                "/internal/**"));
    }

    @Bean
    @Order(2)
    SecurityFilterChain registry(HttpSecurity http, CallerAuthentications callers, Refusals refusals) {
        return common(http.securityMatcher(any("/v2", "/v2/**")), callers, refusals::registryClient)
                .httpBasic(basic -> basic.authenticationEntryPoint(refusals::registryClient))
                .build();
    }

    /** People who follow a link to a build: browsers ask them for a password. Only to read, for browsers send passwords to whoever has them do so. */
    @Bean
    @Order(3)
    SecurityFilterChain browsers(HttpSecurity http, CallerAuthentications callers, Refusals refusals) {
        RequestMatcher pages = any("/builds/*");
        RequestMatcher linked = any("/v1/builds/*", "/v1/builds/*/logs");
        return common(
                        http.securityMatcher(request -> request.getMethod().equals("GET")
                                && (pages.matches(request) || (linked.matches(request) && isBrowser(request)))),
                        callers,
                        refusals::browser)
                .httpBasic(basic -> basic.authenticationEntryPoint(refusals::browser))
                .build();
    }

    private static boolean isBrowser(HttpServletRequest request) {
        String accepted = request.getHeader(HttpHeaders.ACCEPT);
        return accepted != null && accepted.contains(MediaType.TEXT_HTML_VALUE);
    }

    @Bean
    @Order(4)
    SecurityFilterChain api(HttpSecurity http, CallerAuthentications callers, Refusals refusals) {
        return common(http, callers, refusals::caller).build();
    }

    private static HttpSecurity common(
            HttpSecurity http, CallerAuthentications callers, AuthenticationEntryPoint refusal) {
        // The configurer for resource servers would do the same, and publish a description of them that is none of
        // ours.
        BearerTokenAuthenticationFilter bearers = new BearerTokenAuthenticationFilter(callers);
        bearers.setAuthenticationEntryPoint(refusal);
        return http.authenticationManager(callers)
                .addFilter(bearers)
                .exceptionHandling(exceptions -> exceptions.authenticationEntryPoint(refusal))
                .authorizeHttpRequests(requests -> requests.anyRequest().authenticated())
                .sessionManagement(session -> session.sessionCreationPolicy(SessionCreationPolicy.STATELESS))
                .headers(headers -> headers.defaultsDisabled().contentTypeOptions(_ -> {}))
                .anonymous(AbstractHttpConfigurer::disable)
                .csrf(AbstractHttpConfigurer::disable)
                .logout(AbstractHttpConfigurer::disable)
                .requestCache(AbstractHttpConfigurer::disable);
    }

    private static RequestMatcher any(String... patterns) {
        PathPatternRequestMatcher.Builder paths = PathPatternRequestMatcher.withDefaults();
        RequestMatcher[] matchers = new RequestMatcher[patterns.length];
        for (int i = 0; i < patterns.length; i++) {
            matchers[i] = paths.matcher(patterns[i]);
        }
        return new OrRequestMatcher(matchers);
    }

    /** Refuses addresses that filters and controllers could read differently. Values are the controllers' to check, with better words. */
    @Bean
    HttpFirewall firewall() {
        StrictHttpFirewall firewall = new StrictHttpFirewall();
        firewall.setUnsafeAllowAnyHttpMethod(true); // what no controller has is answered 405
        firewall.setAllowedHeaderNames(_ -> true);
        firewall.setAllowedHeaderValues(_ -> true);
        firewall.setAllowedParameterNames(_ -> true);
        firewall.setAllowedParameterValues(_ -> true);
        return firewall;
    }

    @Bean
    RequestRejectedHandler rejectedRequests(Refusals refusals) {
        return refusals::address;
    }

    /** A timer for each filter would cost each request more than the filter. */
    @Bean
    SecurityObservationSettings noObservations() {
        return SecurityObservationSettings.noObservations();
    }
}
