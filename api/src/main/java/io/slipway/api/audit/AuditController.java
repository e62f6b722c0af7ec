package io.slipway.api.audit;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.slipway.api.access.Caller;
import io.slipway.api.page.PageRequest;
import io.slipway.api.page.Pages;
import io.slipway.api.problem.KnownParameters;
import io.slipway.db.access.Projects;
import io.slipway.db.access.Role;
import io.slipway.db.audit.AuditAction;
import io.slipway.db.audit.AuditEntry;
import io.slipway.db.audit.AuditFilter;
import io.slipway.db.audit.AuditLog;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** The audit log: a project's for its administrators, and everything for those of the service. */
@RestController
final class AuditController {
    private static final KnownParameters OF_PROJECT = KnownParameters.of(
                    "actor", "action", "since", "until", "limit", "cursor")
            .withRepeated("action");
    private static final KnownParameters OF_ALL = KnownParameters.of(
                    "project", "actor", "action", "since", "until", "limit", "cursor")
            .withRepeated("action");
    private static final TypeReference<Map<String, String>> TEXTS = new TypeReference<>() {};

    private final AuditLog log;
    private final Projects projects;
    private final Pages pages;

    AuditController(AuditLog log, Projects projects, Pages pages) {
        this.log = log;
        this.projects = projects;
        this.pages = pages;
    }

    /**
     * An entry.
     *
     * @param outcome {@code done} or {@code refused}
     * @param count how often it has happened
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Resource(
            String id,
            Instant at,
            String action,
            String outcome,
            int count,
            @Nullable String project,
            @Nullable String object,
            Map<String, String> details,
            Actor actor,
            @Nullable String requestId) {
        static Resource of(AuditEntry entry) {
            return new Resource(
                    entry.id(),
                    entry.at(),
                    entry.action(),
                    entry.action().equals(AuditAction.ACCESS_REFUSED.wireName()) ? "refused" : "done",
                    entry.repeated(),
                    entry.project(),
                    entry.object(),
                    new TreeMap<>(JsonMapper.shared().readValue(entry.details(), TEXTS)),
                    new Actor(entry.actorKind(), entry.actor(), entry.actorName(), entry.address()),
                    entry.request());
        }
    }

    /** Who did it. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Actor(
            String kind,
            @Nullable String id,
            @Nullable String name,
            @Nullable String address) {}

    /**
     * A page of entries.
     *
     * @param next address of the next page, or null on the last one; also in the header {@code Link}
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Page(List<Resource> entries, @Nullable String next) {}

    /** {@code GET /v1/projects/{name}/audit}: newest first. */
    @GetMapping("/v1/projects/{name}/audit")
    ResponseEntity<Page> ofProject(
            @PathVariable("name") String project,
            @RequestParam(name = "actor", required = false) @Nullable String actor,
            @RequestParam(name = "action", required = false) @Nullable List<String> actions,
            @RequestParam(name = "since", required = false) @Nullable String since,
            @RequestParam(name = "until", required = false) @Nullable String until,
            @RequestParam(name = "limit", required = false) @Nullable String limit,
            @RequestParam(name = "cursor", required = false) @Nullable String cursor,
            HttpServletRequest request) {
        OF_PROJECT.check(request);
        Caller.of(request).require(project, Role.ADMIN);
        if (!projects.exists(project)) {
            throw Caller.projectNotFound(project);
        }
        return page(AuditQuery.filter(project, actor, actions, since, until), PageRequest.of(limit, cursor));
    }

    /** {@code GET /v1/audit}: newest first; also of projects that were deleted. */
    @GetMapping("/v1/audit")
    ResponseEntity<Page> ofAll(
            @RequestParam(name = "project", required = false) @Nullable String project,
            @RequestParam(name = "actor", required = false) @Nullable String actor,
            @RequestParam(name = "action", required = false) @Nullable List<String> actions,
            @RequestParam(name = "since", required = false) @Nullable String since,
            @RequestParam(name = "until", required = false) @Nullable String until,
            @RequestParam(name = "limit", required = false) @Nullable String limit,
            @RequestParam(name = "cursor", required = false) @Nullable String cursor,
            HttpServletRequest request) {
        OF_ALL.check(request);
        Caller.of(request).requireEverywhere(Role.ADMIN);
        return page(AuditQuery.filter(project, actor, actions, since, until), PageRequest.of(limit, cursor));
    }

    private ResponseEntity<Page> page(AuditFilter filter, PageRequest wanted) {
        Pages.Page<AuditEntry> page =
                pages.page(wanted, log.list(filter, wanted.after(), wanted.lookup()), AuditEntry::id);
        return page.answer(new Page(page.items().stream().map(Resource::of).toList(), page.next()));
    }
}
