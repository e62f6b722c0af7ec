package io.slipway.api.webhook.base;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.slipway.api.page.PageRequest;
import io.slipway.api.page.Pages;
import io.slipway.api.problem.KnownParameters;
import io.slipway.api.webhook.trigger.TriggerAccess;
import io.slipway.db.access.Role;
import io.slipway.db.base.WatchedBase;
import io.slipway.db.base.WatchedBases;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** The bases that are watched for a project. */
@RestController
final class BaseController {
    private static final KnownParameters LIST = KnownParameters.of("limit", "cursor");

    private final WatchedBases bases;
    private final TriggerAccess access;
    private final Pages pages;

    BaseController(WatchedBases bases, TriggerAccess access, Pages pages) {
        this.bases = bases;
        this.access = access;
        this.pages = pages;
    }

    /**
     * A base as the API shows it. What does not apply (yet) is left out.
     *
     * @param reference its whole name
     * @param digest what it meant when it was looked at last
     * @param movedAt when it was first seen to mean that, and had meant something else
     * @param checkedAt when it was looked at last
     * @param nextCheckAt when it is next; absent: when its registry tells
     * @param failures how often it could not be looked at since
     * @param error why it could not be the last time
     * @param refs how many branches and tags of the project's triggers have an image of it
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Base(
            String reference,
            @Nullable String digest,
            @Nullable Instant movedAt,
            @Nullable Instant checkedAt,
            @Nullable Instant nextCheckAt,
            int failures,
            @Nullable String error,
            long refs) {
        static Base of(WatchedBase base) {
            return new Base(
                    base.reference(),
                    base.digest(),
                    base.movedAt(),
                    base.checkedAt(),
                    base.nextCheckAt(),
                    base.attempts(),
                    base.error(),
                    base.refs());
        }
    }

    /**
     * A page of bases.
     *
     * @param next address of the next page, or null on the last one; also in the header {@code Link}
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Page(List<Base> bases, @Nullable String next) {}

    /** {@code GET /v1/projects/{name}/bases}: by name. */
    @GetMapping("/v1/projects/{name}/bases")
    ResponseEntity<Page> list(
            @PathVariable("name") String project,
            @RequestParam(name = "limit", required = false) @Nullable String limit,
            @RequestParam(name = "cursor", required = false) @Nullable String cursor,
            HttpServletRequest request) {
        LIST.check(request);
        access.require(request, project, Role.VIEWER);
        PageRequest wanted = PageRequest.of(limit, cursor);
        Pages.Page<WatchedBase> page =
                pages.page(wanted, bases.list(project, wanted.after(), wanted.lookup()), WatchedBase::reference);
        return page.answer(new Page(page.items().stream().map(Base::of).toList(), page.next()));
    }
}
