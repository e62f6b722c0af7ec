package io.slipway.api.project;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.slipway.api.ServiceAddress;
import io.slipway.api.access.Caller;
import io.slipway.api.launch.ControlGroups;
import io.slipway.api.limit.LimitSettings;
import io.slipway.api.page.PageRequest;
import io.slipway.api.page.Pages;
import io.slipway.api.problem.BodyFields;
import io.slipway.api.problem.KnownParameters;
import io.slipway.api.problem.ProblemException;
import io.slipway.api.problem.ProblemType;
import io.slipway.db.access.DeleteOutcome;
import io.slipway.db.access.Project;
import io.slipway.db.access.ProjectChange;
import io.slipway.db.access.ProjectLimit;
import io.slipway.db.access.ProjectLimits;
import io.slipway.db.access.Projects;
import io.slipway.db.access.Role;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.net.URI;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** The tenants: made, listed, described and deleted. */
@RestController
final class ProjectController {
    private static final KnownParameters NONE = KnownParameters.of();
    private static final KnownParameters LIST = KnownParameters.of("limit", "cursor");
    private static final int MOST_DESCRIPTION = 500;

    private static final List<String> LIMITS =
            Arrays.stream(ProjectLimit.values()).map(ProjectLimit::wireName).toList();

    private final Projects projects;
    private final LimitSettings settings;
    private final ControlGroups groups;
    private final ProjectAccess access;
    private final Pages pages;
    private final ServiceAddress address;

    ProjectController(
            Projects projects,
            LimitSettings settings,
            ControlGroups groups,
            ProjectAccess access,
            Pages pages,
            ServiceAddress address) {
        this.projects = projects;
        this.groups = groups;
        this.settings = settings;
        this.access = access;
        this.pages = pages;
        this.address = address;
    }

    /**
     * A project.
     *
     * @param role what the caller may do there
     * @param limits those of its own, by name
     * @param effectiveLimits those that hold: its own, and the configured ones
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Resource(
            String name,
            @Nullable String description,
            Instant createdAt,
            @Nullable String createdBy,
            String role,
            Map<String, Long> limits,
            Map<String, Long> effectiveLimits) {}

    private Resource resource(Project project, ProjectLimits own, Caller caller) {
        return new Resource(
                project.name(),
                project.description(),
                project.createdAt(),
                project.createdBy(),
                caller.role(project.name()).orElseThrow().wireName(),
                named(own),
                named(settings.effective(own)));
    }

    private static Map<String, Long> named(ProjectLimits limits) {
        Map<String, Long> named = new LinkedHashMap<>();
        limits.values().forEach((limit, value) -> named.put(limit.wireName(), value));
        return named;
    }

    /**
     * A page of projects.
     *
     * @param next address of the next page, or null on the last one; also in the header {@code Link}
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Page(List<Resource> projects, @Nullable String next) {}

    /** {@code POST /v1/projects}: 201; 409 if the name is, or was, another project's. */
    @PostMapping("/v1/projects")
    ResponseEntity<Resource> create(HttpServletRequest request) throws IOException {
        NONE.check(request);
        Caller caller = Caller.of(request);
        caller.requireEverywhere(Role.ADMIN);
        BodyFields fields = BodyFields.read(request, List.of("name", "description"));
        String name = fields.line("name", Project.MOST_CHARACTERS, "it is part of the names of the project's images");
        if (!Project.canBeNamed(name)) {
            throw BodyFields.invalid(
                    "name",
                    "A project can't be named `" + name + "`.",
                    "lower-case letters and digits, with single . _ or - between them");
        }
        switch (projects.create(name, fields.lineOrNull("description", MOST_DESCRIPTION), caller.id())) {
            case CREATED -> {}
            case EXISTS ->
                throw new ProblemException(ProblemType.PROJECT_EXISTS, "There is a project `" + name + "` already.");
            case RETIRED ->
                throw new ProblemException(
                        ProblemType.PROJECT_EXISTS,
                        "There was a project `" + name
                                + "`. Its name is not given again: images and caches were named by it.");
        }
        return ResponseEntity.created(URI.create(address.url() + "/v1/projects/" + name))
                .body(show(name, caller));
    }

    /** {@code GET /v1/projects}: those that the caller sees, by name. */
    @GetMapping("/v1/projects")
    ResponseEntity<Page> list(
            @RequestParam(name = "limit", required = false) @Nullable String limit,
            @RequestParam(name = "cursor", required = false) @Nullable String cursor,
            HttpServletRequest request) {
        LIST.check(request);
        Caller caller = Caller.of(request);
        PageRequest wanted = PageRequest.of(limit, cursor);
        Pages.Page<Project> page =
                pages.page(wanted, projects.list(caller.scope(), wanted.after(), wanted.lookup()), Project::name);
        Map<String, ProjectLimits> limits =
                projects.limits(page.items().stream().map(Project::name).toList());
        return page.answer(new Page(
                page.items().stream()
                        .map(project ->
                                resource(project, limits.getOrDefault(project.name(), ProjectLimits.NONE), caller))
                        .toList(),
                page.next()));
    }

    /** {@code GET /v1/projects/{name}}. */
    @GetMapping("/v1/projects/{name}")
    Resource get(@PathVariable("name") String name, HttpServletRequest request) {
        NONE.check(request);
        Caller caller = Caller.of(request);
        caller.require(name, Role.VIEWER);
        return show(name, caller);
    }

    /** {@code PATCH /v1/projects/{name}} (RFC 7396): another description, or none; and limits, which only the whole service's administrators set. */
    @PatchMapping("/v1/projects/{name}")
    Resource change(@PathVariable("name") String name, HttpServletRequest request) throws IOException {
        NONE.check(request);
        Caller caller = Caller.of(request);
        access.require(caller, name, Role.ADMIN);
        BodyFields fields = BodyFields.read(request, List.of("description", "limits"));
        if (fields.has("limits")) {
            // A tenant does not set its own limits.
            caller.requireEverywhere(Role.ADMIN);
        }
        ProjectChange change = new ProjectChange(
                fields.has("description"), fields.lineOrNull("description", MOST_DESCRIPTION), limits(fields));
        Project project = projects.change(name, change).orElseThrow(() -> Caller.projectNotFound(name));
        return resource(project, own(name), caller);
    }

    private Map<ProjectLimit, OptionalLong> limits(BodyFields fields) {
        Map<ProjectLimit, OptionalLong> limits = new EnumMap<>(ProjectLimit.class);
        fields.wholeNumbers("limits", LIMITS).forEach((name, value) -> {
            ProjectLimit limit = ProjectLimit.parse(name).orElseThrow();
            if (value.orElse(0) > settings.most(limit)) {
                throw BodyFields.invalid(
                        "limits." + name,
                        "The limit " + name + " of a project can't be more than " + settings.most(limit) + ".",
                        "null for the default");
            }
            if (value.isPresent() && value.getAsLong() < limit.least()) {
                throw BodyFields.invalid(
                        "limits." + name,
                        "The limit " + name + " of a project can't be less than " + limit.least() + ".",
                        "null for the default");
            }
            if (value.isPresent() && !groups.enforces(limit)) {
                throw BodyFields.invalid(
                        "limits." + name,
                        "This service can't hold builds to the limit " + name + ".",
                        "it needs a control group with that controller: slipway.workers.control-groups");
            }
            limits.put(limit, value);
        });
        return limits;
    }

    /** {@code DELETE /v1/projects/{name}}: 204, and nobody sees it any more; 409 while it has builds to do. */
    @DeleteMapping("/v1/projects/{name}")
    ResponseEntity<Void> delete(@PathVariable("name") String name, HttpServletRequest request) {
        NONE.check(request);
        Caller caller = Caller.of(request);
        caller.require(name, Role.VIEWER);
        caller.requireEverywhere(Role.ADMIN);
        if (name.equals(Projects.DEFAULT)) {
            throw new ProblemException(
                    ProblemType.PROJECT_IN_USE,
                    "The project `" + name + "` stays: it is that of builds that name none.");
        }
        DeleteOutcome outcome = projects.delete(name, caller.id());
        return switch (outcome) {
            case DELETED -> ResponseEntity.noContent().build();
            case UNKNOWN -> throw Caller.projectNotFound(name);
            case BUSY ->
                throw new ProblemException(
                                ProblemType.PROJECT_IN_USE,
                                "The project `" + name + "` has builds that are queued or running.")
                        .with(
                                "hint",
                                "cancel them, or wait for their end: GET /v1/builds?project=" + name
                                        + "&state=queued,running lists them");
        };
    }

    private Resource show(String name, Caller caller) {
        Project project = projects.find(name).orElseThrow(() -> Caller.projectNotFound(name));
        return resource(project, own(name), caller);
    }

    private ProjectLimits own(String project) {
        return projects.limits(project).orElse(ProjectLimits.NONE);
    }
}
