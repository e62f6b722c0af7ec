package io.slipway.api.build;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.slipway.api.access.Caller;
import io.slipway.api.problem.KnownParameters;
import io.slipway.api.problem.ProblemException;
import io.slipway.api.problem.ProblemType;
import io.slipway.db.build.Build;
import io.slipway.db.build.BuildFilter;
import io.slipway.db.build.BuildId;
import io.slipway.db.build.BuildState;
import io.slipway.db.build.Builds;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.support.ServletUriComponentsBuilder;

/** Listing builds. */
@RestController
final class BuildListController {
    private static final KnownParameters KNOWN = KnownParameters.of("project", "state", "tag", "limit", "cursor");
    private static final int MAX_LIMIT = 100;

    private final Builds builds;
    private final BuildResources resources;

    BuildListController(Builds builds, BuildResources resources) {
        this.builds = builds;
        this.resources = resources;
    }

    /**
     * A page of builds.
     *
     * @param next address of the next page, or null on the last one; also in the header {@code Link}
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Page(List<BuildResource> builds, @Nullable String next) {}

    /**
     * {@code GET /v1/builds}: newest first; without steps, warnings and bases.
     *
     * @param states several by repeating the parameter or with commas
     * @param cursor where to go on, from the address of the next page
     */
    @GetMapping("/v1/builds")
    ResponseEntity<Page> list(
            @RequestParam(name = "project", required = false) @Nullable String project,
            @RequestParam(name = "state", required = false) @Nullable List<String> states,
            @RequestParam(name = "tag", required = false) @Nullable String tag,
            @RequestParam(name = "limit", required = false) @Nullable String limit,
            @RequestParam(name = "cursor", required = false) @Nullable String cursor,
            HttpServletRequest request) {
        KNOWN.check(request);
        Caller caller = Caller.of(request);
        if (project != null) {
            caller.require(project);
        }
        BuildFilter filter = new BuildFilter(project != null ? project : caller.onlyProject(), states(states), tag);
        int size = limit(limit);
        List<Build> found = builds.list(filter, cursor == null ? null : before(cursor), size + 1);
        List<Build> page = found.subList(0, Math.min(size, found.size()));
        String next = found.size() > size ? next(page.getLast().id()) : null;
        ResponseEntity.BodyBuilder response = ResponseEntity.ok();
        if (next != null) {
            response.header(HttpHeaders.LINK, "<" + next + ">; rel=\"next\"");
        }
        return response.body(new Page(page.stream().map(resources::summary).toList(), next));
    }

    private static Set<BuildState> states(@Nullable List<String> names) {
        return Optional.ofNullable(names).orElse(List.of()).stream()
                .map(name -> BuildState.parse(name)
                        .orElseThrow(() -> invalid(
                                "state",
                                "`state` must be one of "
                                        + Arrays.stream(BuildState.values())
                                                .map(BuildState::wireName)
                                                .collect(Collectors.joining(", "))
                                        + ", but is `" + name + "`.")))
                .collect(Collectors.toSet());
    }

    private static int limit(@Nullable String text) {
        if (text == null) {
            return 30;
        }
        if (!text.matches("[0-9]{1,4}") || Integer.parseInt(text) < 1 || Integer.parseInt(text) > MAX_LIMIT) {
            throw invalid("limit", "`limit` must be a number between 1 and " + MAX_LIMIT + ", but is `" + text + "`.");
        }
        return Integer.parseInt(text);
    }

    private static BuildId before(String cursor) {
        try {
            return new BuildId(new String(Base64.getUrlDecoder().decode(cursor), US_ASCII));
        } catch (IllegalArgumentException e) {
            throw invalid("cursor", "`cursor` is not one that a page of builds had.");
        }
    }

    private String next(BuildId last) {
        String cursor = Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(last.value().getBytes(US_ASCII));
        String query = ServletUriComponentsBuilder.fromCurrentRequest()
                .replaceQueryParam("cursor", cursor)
                .build()
                .getQuery();
        return resources.baseUrl() + "/v1/builds?" + query;
    }

    private static ProblemException invalid(String parameter, String detail) {
        return new ProblemException(ProblemType.PARAMETER_INVALID, detail).with("parameter", parameter);
    }
}
