package io.slipway.api.intake;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.slipway.api.access.Caller;
import io.slipway.api.page.PageRequest;
import io.slipway.api.page.Pages;
import io.slipway.api.problem.KnownParameters;
import io.slipway.db.access.Role;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** {@code GET /v1/uploads}: how far the uploads are that this service is receiving. */
@RestController
final class RunningUploadController {
    private static final KnownParameters KNOWN = KnownParameters.of("project", "limit", "cursor");

    private final RunningUploads uploads;
    private final Pages pages;

    RunningUploadController(RunningUploads uploads, Pages pages) {
        this.uploads = uploads;
        this.pages = pages;
    }

    /**
     * A page of uploads.
     *
     * @param next address of the next page, or null on the last one; also in the header {@code Link}
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Page(List<RunningUpload> uploads, @Nullable String next) {}

    /** Oldest first. */
    @GetMapping("/v1/uploads")
    ResponseEntity<Page> list(
            @RequestParam(name = "project", required = false) @Nullable String project,
            @RequestParam(name = "limit", required = false) @Nullable String limit,
            @RequestParam(name = "cursor", required = false) @Nullable String cursor,
            HttpServletRequest request) {
        KNOWN.check(request);
        Caller caller = Caller.of(request);
        if (project != null) {
            caller.require(project, Role.VIEWER);
        }
        PageRequest wanted = PageRequest.of(limit, cursor);
        List<RunningUpload> found = uploads.seenBy(caller, project).stream()
                .filter(upload -> upload.key().compareTo(wanted.after()) > 0)
                .limit(wanted.lookup())
                .toList();
        Pages.Page<RunningUpload> page = pages.page(wanted, found, RunningUpload::key);
        return page.answer(new Page(page.items(), page.next()));
    }
}
