package io.slipway.api.project;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.slipway.api.access.Caller;
import io.slipway.api.problem.KnownParameters;
import io.slipway.db.access.Role;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Instant;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Tells callers who they are: the first thing to ask when something is forbidden. */
@RestController
final class CallerController {
    private static final KnownParameters NONE = KnownParameters.of();

    /**
     * Who calls.
     *
     * @param id of its token or identity
     * @param kind {@code token} or {@code identity}
     * @param name the token's name, or the subject that the OpenID provider has named
     * @param role what it may do in every project; null: only in {@code projects}
     * @param expiresAt when its credentials expire, if they do
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Resource(
            String id,
            String kind,
            String name,
            @Nullable String role,
            List<ProjectRole> projects,
            @Nullable Instant expiresAt) {}

    /** What it may do in one project. */
    record ProjectRole(String name, String role) {}

    /** {@code GET /v1/caller}. */
    @GetMapping("/v1/caller")
    Resource get(HttpServletRequest request) {
        NONE.check(request);
        Caller caller = Caller.of(request);
        Role everywhere = caller.everywhere();
        return new Resource(
                caller.id(),
                caller.isToken() ? "token" : "identity",
                caller.name(),
                everywhere == null ? null : everywhere.wireName(),
                new TreeMap<>(caller.projects())
                        .entrySet().stream()
                                .map(project -> new ProjectRole(
                                        project.getKey(), project.getValue().wireName()))
                                .toList(),
                caller.expiresAt());
    }
}
