package io.slipway.api.build;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.slipway.api.access.Caller;
import io.slipway.api.page.PageRequest;
import io.slipway.api.page.Pages;
import io.slipway.api.problem.KnownParameters;
import io.slipway.api.problem.ProblemException;
import io.slipway.api.problem.ProblemType;
import io.slipway.db.access.Role;
import io.slipway.db.access.Scope;
import io.slipway.db.build.Build;
import io.slipway.db.build.BuildFilter;
import io.slipway.db.build.BuildId;
import io.slipway.db.build.BuildState;
import io.slipway.db.build.Builds;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Listing builds. */
@RestController
final class BuildListController {
    private static final KnownParameters KNOWN =
            KnownParameters.of("project", "state", "tag", "limit", "cursor").withRepeated("state");

    private final Builds builds;
    private final BuildResources resources;
    private final Pages pages;

    BuildListController(Builds builds, BuildResources resources, Pages pages) {
        this.builds = builds;
        this.resources = resources;
        this.pages = pages;
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
            caller.require(project, Role.VIEWER);
        }
        BuildFilter filter = new BuildFilter(project != null ? Scope.of(project) : caller.scope(), states(states), tag);
        PageRequest wanted = PageRequest.of(limit, cursor);
        Pages.Page<Build> page = pages.page(
                wanted,
                builds.list(filter, before(wanted), wanted.lookup()),
                build -> build.id().value());
        return page.answer(
                new Page(page.items().stream().map(resources::summary).toList(), page.next()));
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

    private static @Nullable BuildId before(PageRequest wanted) {
        return wanted.after().isEmpty() ? null : BuildId.parse(wanted.after()).orElseThrow(PageRequest::unknownCursor);
    }

    private static ProblemException invalid(String parameter, String detail) {
        return new ProblemException(ProblemType.PARAMETER_INVALID, detail).with("parameter", parameter);
    }
}
