package io.slipway.api.project;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.slipway.api.ServiceAddress;
import io.slipway.api.access.Caller;
import io.slipway.api.page.PageRequest;
import io.slipway.api.page.Pages;
import io.slipway.api.problem.BodyFields;
import io.slipway.api.problem.KnownParameters;
import io.slipway.api.problem.ProblemException;
import io.slipway.api.problem.ProblemType;
import io.slipway.db.access.DeleteOutcome;
import io.slipway.db.access.Project;
import io.slipway.db.access.Projects;
import io.slipway.db.access.Role;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.net.URI;
import java.time.Instant;
import java.util.List;
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

    private final Projects projects;
    private final ProjectAccess access;
    private final Pages pages;
    private final ServiceAddress address;

    ProjectController(Projects projects, ProjectAccess access, Pages pages, ServiceAddress address) {
        this.projects = projects;
        this.access = access;
        this.pages = pages;
        this.address = address;
    }

    /**
     * A project.
     *
     * @param role what the caller may do there
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Resource(
            String name,
            @Nullable String description,
            Instant createdAt,
            @Nullable String createdBy,
            String role) {
        static Resource of(Project project, Caller caller) {
            return new Resource(
                    project.name(),
                    project.description(),
                    project.createdAt(),
                    project.createdBy(),
                    caller.role(project.name()).orElseThrow().wireName());
        }
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
                .body(Resource.of(find(name), caller));
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
        return page.answer(new Page(
                page.items().stream()
                        .map(project -> Resource.of(project, caller))
                        .toList(),
                page.next()));
    }

    /** {@code GET /v1/projects/{name}}. */
    @GetMapping("/v1/projects/{name}")
    Resource get(@PathVariable("name") String name, HttpServletRequest request) {
        NONE.check(request);
        Caller caller = Caller.of(request);
        caller.require(name, Role.VIEWER);
        return Resource.of(find(name), caller);
    }

    /** {@code PATCH /v1/projects/{name}} (RFC 7396): another description, or none. */
    @PatchMapping("/v1/projects/{name}")
    Resource describe(@PathVariable("name") String name, HttpServletRequest request) throws IOException {
        NONE.check(request);
        Caller caller = Caller.of(request);
        access.require(caller, name, Role.ADMIN);
        BodyFields fields = BodyFields.read(request, List.of("description"));
        Project project = fields.has("description")
                ? projects.describe(name, fields.lineOrNull("description", MOST_DESCRIPTION))
                        .orElseThrow(() -> Caller.projectNotFound(name))
                : find(name);
        return Resource.of(project, caller);
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

    private Project find(String name) {
        return projects.find(name).orElseThrow(() -> Caller.projectNotFound(name));
    }
}
