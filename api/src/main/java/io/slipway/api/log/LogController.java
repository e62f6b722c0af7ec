package io.slipway.api.log;

import io.slipway.api.Shutdown;
import io.slipway.api.access.Caller;
import io.slipway.api.access.CallerWatch;
import io.slipway.api.build.BuildAccess;
import io.slipway.api.problem.KnownParameters;
import io.slipway.api.problem.ProblemException;
import io.slipway.api.problem.ProblemType;
import io.slipway.db.Channel;
import io.slipway.db.DatabaseException;
import io.slipway.db.Notifications;
import io.slipway.db.Signal;
import io.slipway.db.access.Role;
import io.slipway.db.build.Build;
import io.slipway.db.build.BuildId;
import io.slipway.db.build.BuildLog;
import io.slipway.db.build.LogEntry;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.json.JsonMapper;

/** A build's log: whole, or as it is written. Page by page from the database, so memory does not grow with the log. */
@RestController
final class LogController {
    private static final Logger LOG = LoggerFactory.getLogger(LogController.class);
    private static final KnownParameters KNOWN =
            KnownParameters.of("follow", "format", "after").withFlag("follow");

    /** Notifications wake; this finds what they missed. */
    private static final Duration POLL = Duration.ofSeconds(2);

    private static final Duration KEEP_ALIVE = Duration.ofSeconds(15);

    private final BuildAccess access;
    private final CallerWatch callers;
    private final BuildLog log;
    private final Notifications notifications;
    private final Shutdown shutdown;
    private final JsonMapper json;

    LogController(
            BuildAccess access,
            CallerWatch callers,
            BuildLog log,
            Notifications notifications,
            Shutdown shutdown,
            JsonMapper json) {
        this.access = access;
        this.callers = callers;
        this.log = log;
        this.notifications = notifications;
        this.shutdown = shutdown;
        this.json = json;
    }

    /**
     * {@code GET /v1/builds/{id}/logs}.
     *
     * @param follow true: until the build ends
     * @param format text, ndjson or sse; otherwise as {@code Accept} says
     * @param after only entries behind this position; also as the header {@code Last-Event-ID}
     */
    @GetMapping("/v1/builds/{id}/logs")
    void logs(
            @PathVariable("id") String id,
            @RequestParam(name = "follow", required = false) @Nullable String follow,
            @RequestParam(name = "format", required = false) @Nullable String format,
            @RequestParam(name = "after", required = false) @Nullable String after,
            @RequestHeader(name = "Last-Event-ID", required = false) @Nullable String lastEventId,
            @RequestHeader(name = HttpHeaders.ACCEPT, required = false) @Nullable String accept,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        KNOWN.check(request);
        boolean following = flag(follow);
        LogFormat form = LogFormat.of(format, accept);
        long position = position(lastEventId != null ? lastEventId : after);
        Build build = access.require(id, request, Role.VIEWER);
        if (form == LogFormat.SSE
                && build.state().isFinished()
                && log.after(build.id(), position).isEmpty()) {
            // An EventSource connects again after the end; this tells it to stop (WHATWG HTML, section 9.2.2).
            response.setStatus(HttpServletResponse.SC_NO_CONTENT);
            return;
        }
        response.setContentType(form.mediaType());
        response.setHeader(HttpHeaders.CACHE_CONTROL, "no-store");
        response.setHeader("X-Accel-Buffering", "no"); // asks proxies to pass every piece on at once
        OutputStream out = response.getOutputStream();
        LogSink sink = switch (form) {
            case TEXT -> new TextSink(out, build.id());
            case NDJSON -> new JsonSink(out, json, false);
            case SSE -> new JsonSink(out, json, true);
        };
        switch (write(build.id(), position, following, sink, out, Caller.of(request))) {
            case WHOLE, CUT_OFF -> {}
            case BROKEN_OFF -> sink.breakOff(access.require(id, request, Role.VIEWER));
        }
        out.flush();
    }

    /** How far a log was written. */
    private enum Extent {
        WHOLE,
        /** As far as it goes now. */
        BROKEN_OFF,
        /** Until the caller was not to see more of it. */
        CUT_OFF
    }

    private Extent write(BuildId id, long after, boolean follow, LogSink sink, OutputStream out, Caller caller)
            throws IOException {
        long position = after;
        long quietSince = System.nanoTime();
        long admittedAt = quietSince;
        try (Signal changed = notifications.subscribe(Channel.BUILD_EVENTS, id.value())) {
            while (true) {
                if (System.nanoTime() - admittedAt > POLL.toNanos()) {
                    if (!callers.isAdmitted(caller)) {
                        return Extent.CUT_OFF;
                    }
                    admittedAt = System.nanoTime();
                }
                List<LogEntry> page = read(id, position, follow);
                for (LogEntry entry : page) {
                    sink.write(entry);
                    position = entry.seq();
                }
                if (!page.isEmpty()) {
                    quietSince = System.nanoTime();
                    if (page.getLast() instanceof LogEntry.Ended) {
                        return Extent.WHOLE;
                    }
                    continue;
                }
                if (!follow || shutdown.hasBegun()) {
                    return Extent.BROKEN_OFF;
                }
                out.flush();
                changed.await(POLL);
                if (System.nanoTime() - quietSince > KEEP_ALIVE.toNanos()) {
                    sink.keepAlive();
                    quietSince = System.nanoTime();
                }
            }
        }
    }

    /** A follower outlives a database that restarts. */
    private List<LogEntry> read(BuildId id, long position, boolean follow) {
        try {
            return log.after(id, position);
        } catch (DatabaseException e) {
            if (!follow) {
                throw e;
            }
            LOG.debug("The log of {} can't be read at the moment", id, e);
            return List.of();
        }
    }

    private static boolean flag(@Nullable String follow) {
        if (follow == null) {
            return false;
        }
        return switch (follow) {
            case "", "true", "1" -> true;
            case "false", "0" -> false;
            default ->
                throw new ProblemException(
                                ProblemType.PARAMETER_INVALID,
                                "`follow` must be true or false, but is `" + follow + "`.")
                        .with("parameter", "follow");
        };
    }

    private static long position(@Nullable String text) {
        if (text == null || text.isEmpty()) {
            return 0;
        }
        if (!text.matches("[0-9]{1,18}")) {
            throw new ProblemException(
                            ProblemType.PARAMETER_INVALID,
                            "`after` and Last-Event-ID must be the position of a log entry, but are `" + text + "`.")
                    .with("parameter", "after");
        }
        return Long.parseLong(text);
    }
}
