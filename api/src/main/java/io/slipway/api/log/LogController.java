package io.slipway.api.log;

import io.slipway.api.build.BuildAccess;
import io.slipway.api.problem.KnownParameters;
import io.slipway.db.access.Role;
import io.slipway.db.build.Build;
import io.slipway.db.build.BuildDetails;
import io.slipway.db.build.BuildLog;
import io.slipway.db.build.Builds;
import io.slipway.db.build.Step;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** A build's log, and the events in it: whole, or as they happen. Page by page from the database, so memory does not grow with the log. */
@RestController
final class LogController {
    private static final KnownParameters LOG_PARAMETERS = KnownParameters.of(
                    "follow", "format", "after", "since", "tail", "before", "until", "step", "ansi", "timestamps")
            .withFlag("follow")
            .withFlag("timestamps");
    private static final KnownParameters EVENT_PARAMETERS = KnownParameters.of(
                    "follow", "format", "after", "since", "before", "until")
            .withFlag("follow");
    private static final List<LogFormat> LOG_FORMATS = List.of(LogFormat.TEXT, LogFormat.NDJSON, LogFormat.SSE);
    private static final List<LogFormat> EVENT_FORMATS = List.of(LogFormat.NDJSON, LogFormat.SSE);

    private final BuildAccess access;
    private final Builds builds;
    private final BuildLog log;
    private final LogFollowers followers;

    LogController(BuildAccess access, Builds builds, BuildLog log, LogFollowers followers) {
        this.access = access;
        this.builds = builds;
        this.log = log;
        this.followers = followers;
    }

    /** {@code GET /v1/builds/{id}/logs}: everything, as text, NDJSON or server-sent events. */
    @GetMapping("/v1/builds/{id}/logs")
    void logs(
            @PathVariable("id") String id,
            @RequestParam Map<String, String> parameters,
            @RequestHeader(name = "Last-Event-ID", required = false) @Nullable String lastEventId,
            @RequestHeader(name = HttpHeaders.ACCEPT, required = false) @Nullable String accept,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        LOG_PARAMETERS.check(request);
        LogQuery query = LogQuery.of(parameters, LOG_FORMATS, true, lastEventId, accept);
        answer(id, query, request, response);
    }

    /** {@code GET /v1/builds/{id}/events}: the log without output, as NDJSON or server-sent events; positions are those of the log. */
    @GetMapping("/v1/builds/{id}/events")
    void events(
            @PathVariable("id") String id,
            @RequestParam Map<String, String> parameters,
            @RequestHeader(name = "Last-Event-ID", required = false) @Nullable String lastEventId,
            @RequestHeader(name = HttpHeaders.ACCEPT, required = false) @Nullable String accept,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        EVENT_PARAMETERS.check(request);
        LogQuery query = LogQuery.of(parameters, EVENT_FORMATS, false, lastEventId, accept);
        answer(id, query, request, response);
    }

    private void answer(String id, LogQuery query, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        Build build = access.require(id, request, Role.VIEWER);
        requireStep(build, query.filter().step());
        LogRange range = query.range(log, build.id());
        BuildLog.Page page = log.page(build.id(), range.after(), query.filter());
        boolean nothing = page.entries().isEmpty()
                ? build.state().isFinished() || range.endsWith(range.after())
                : range.endsWith(page.entries().getFirst().seq() - 1);
        if (query.format() == LogFormat.SSE && nothing) {
            // An EventSource connects again after the end; this tells it to stop (WHATWG HTML, section 9.2.2).
            response.setStatus(HttpServletResponse.SC_NO_CONTENT);
            return;
        }
        response.setContentType(query.format().mediaType());
        response.setHeader(HttpHeaders.CACHE_CONTROL, "no-store");
        // How long the text is, is not known before it is written, and grows: there are no ranges of bytes.
        response.setHeader(HttpHeaders.ACCEPT_RANGES, "none");
        response.setHeader("X-Accel-Buffering", "no"); // asks proxies to pass every piece on at once
        if (!request.getMethod().equals("HEAD")) {
            followers.answer(request, build, query, range, page);
        }
    }

    /** A step that is not there would have an empty log, for ever. */
    private void requireStep(Build build, @Nullable Integer step) {
        if (step == null) {
            return;
        }
        List<Step> steps = builds.details(build.id()).map(BuildDetails::steps).orElse(List.of());
        boolean known = !steps.isEmpty() || build.state().isFinished();
        if (known && steps.stream().noneMatch(each -> each.number() == step)) {
            throw LogQuery.invalid(
                    "step",
                    "The build has no step " + step + ": "
                            + (steps.isEmpty()
                                    ? "it came to none."
                                    : "they are 1 to " + steps.getLast().number() + "."));
        }
    }
}
