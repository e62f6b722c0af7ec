package io.slipway.api.storage;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.slipway.api.access.Caller;
import io.slipway.api.page.PageRequest;
import io.slipway.api.page.Pages;
import io.slipway.api.problem.KnownParameters;
import io.slipway.api.problem.ProblemException;
import io.slipway.api.problem.ProblemType;
import io.slipway.db.access.Role;
import io.slipway.db.audit.AuditAction;
import io.slipway.db.audit.AuditLog;
import io.slipway.protocol.storage.StorageReport.CacheMount;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** The directories of cache mounts: listed and cleared. */
@RestController
final class CacheMountController {
    private static final KnownParameters LIST = KnownParameters.of("project", "limit", "cursor");
    private static final KnownParameters DELETE = KnownParameters.of();
    private static final Duration AGE = Duration.ofSeconds(2);

    /** By project and name, as people look for them; the id makes it unambiguous. */
    private static final Comparator<CacheMount> ORDER = Comparator.comparing(CacheMountController::key);

    private final StorageKeeper keeper;
    private final AuditLog audit;
    private final Pages pages;

    CacheMountController(StorageKeeper keeper, AuditLog audit, Pages pages) {
        this.keeper = keeper;
        this.audit = audit;
        this.pages = pages;
    }

    /**
     * A cache mount's directory.
     *
     * @param cacheScope with which of the project's builds; absent for those that name none
     * @param name the {@code id} as the Dockerfile has it: its target, if it has none; absent of directories of earlier versions
     * @param inUse whether a running build has it mounted
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Resource(
            String id,
            @Nullable String project,
            @Nullable String cacheScope,
            @Nullable String name,
            long bytes,
            @Nullable Instant createdAt,
            Instant lastUsedAt,
            boolean inUse) {
        static Resource of(CacheMount mount) {
            return new Resource(
                    mount.id(),
                    mount.project(),
                    mount.cacheScope(),
                    mount.name(),
                    mount.bytes(),
                    mount.createdAt() == null ? null : Instant.parse(mount.createdAt()),
                    Instant.parse(mount.lastUsedAt()),
                    mount.inUse());
        }
    }

    /**
     * A page of cache mounts.
     *
     * @param next address of the next page, or null on the last one; also in the header {@code Link}
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Page(List<Resource> cacheMounts, @Nullable String next) {}

    /** {@code GET /v1/cache-mounts}: by project and name. */
    @GetMapping("/v1/cache-mounts")
    ResponseEntity<Page> list(
            @RequestParam(name = "project", required = false) @Nullable String project,
            @RequestParam(name = "limit", required = false) @Nullable String limit,
            @RequestParam(name = "cursor", required = false) @Nullable String cursor,
            HttpServletRequest request) {
        LIST.check(request);
        Caller caller = Caller.of(request);
        if (project != null) {
            caller.require(project, Role.VIEWER);
        }
        Predicate<CacheMount> wantedHere =
                project == null ? mount -> sees(caller, mount) : mount -> project.equals(mount.project());
        PageRequest wanted = PageRequest.of(limit, cursor);
        List<CacheMount> found = keeper.measured(AGE).report().cacheMounts().stream()
                .filter(wantedHere)
                .filter(mount -> key(mount).compareTo(wanted.after()) > 0)
                .sorted(ORDER)
                .limit(wanted.lookup())
                .toList();
        Pages.Page<CacheMount> page = pages.page(wanted, found, CacheMountController::key);
        return page.answer(new Page(page.items().stream().map(Resource::of).toList(), page.next()));
    }

    /** {@code DELETE /v1/cache-mounts/{id}}: 204 when it is gone, 409 while a build has it mounted. The next build begins a new one. */
    @DeleteMapping("/v1/cache-mounts/{id}")
    ResponseEntity<Void> clear(@PathVariable("id") String id, HttpServletRequest request) {
        DELETE.check(request);
        Caller caller = Caller.of(request);
        caller.requireSomewhere(Role.MAINTAINER); // before anything is measured for it
        CacheMount wanted = keeper.measured(Duration.ZERO).report().cacheMounts().stream()
                .filter(mount -> mount.id().equals(id) && mayClear(caller, mount))
                .findFirst()
                .orElseThrow(() -> notFound(id));
        return switch (keeper.clear(id)) {
            case CLEARED -> {
                audit.add(AuditAction.CACHE_MOUNT_CLEARED, wanted.project(), id, Map.of("name", text(wanted.name())));
                yield ResponseEntity.noContent().build();
            }
            case NOT_FOUND -> throw notFound(id);
            case IN_USE ->
                throw new ProblemException(
                        ProblemType.CACHE_MOUNT_IN_USE, "The cache mount `" + id + "` is in use by a running build.");
        };
    }

    /** Those of earlier versions belong to no project. */
    private static boolean sees(Caller caller, CacheMount mount) {
        return mount.project() == null
                ? caller.everywhere() != null
                : caller.scope().contains(mount.project());
    }

    private static boolean mayClear(Caller caller, CacheMount mount) {
        if (mount.project() == null && caller.everywhere() != null) {
            caller.requireEverywhere(Role.MAINTAINER);
            return true;
        }
        return mount.project() != null && caller.may(mount.project(), Role.MAINTAINER);
    }

    private static ProblemException notFound(String id) {
        return new ProblemException(ProblemType.CACHE_MOUNT_NOT_FOUND, "There is no cache mount `" + id + "`.");
    }

    private static String key(CacheMount mount) {
        return text(mount.project()) + "\n" + text(mount.name()) + "\n" + mount.id();
    }

    private static String text(@Nullable String value) {
        return value == null ? "" : value;
    }
}
