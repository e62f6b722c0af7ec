package io.slipway.api.webhook.status;

import io.slipway.api.webhook.trigger.TriggerSettings;
import io.slipway.db.build.Failure;
import io.slipway.db.webhook.CommitProblem;
import io.slipway.db.webhook.CommitStatus;
import io.slipway.db.webhook.ToldBuild;
import java.nio.file.Path;
import java.time.Instant;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a check run says (docs.github.com, "REST API endpoints for check runs").
 *
 * @param externalId of what it tells: the build, or, if there is none, the trigger
 * @param state in GitHub's words: its status, or, once it is completed, its conclusion
 * @param body JSON, as it is made; a change has all of it but {@code head_sha}
 */
record CheckRunReport(String externalId, String state, ObjectNode body) {
    /** GitHub's limits are 65535 characters for a summary and 64 KB for an annotation's message. */
    private static final int MOST_TEXT = 10_000;

    private static final int MOST_TITLE = 250;
    private static final String ANNOTATIONS = "annotations";

    /**
     * The report of a commit's status.
     *
     * @param link where to read more
     */
    static CheckRunReport of(TriggerSettings.Repository repository, CommitStatus status, String link) {
        StatusState state = StatusState.of(status);
        ToldBuild build = status.build();
        String externalId = build == null ? status.triggerId() : build.id();
        ObjectNode body = JsonMapper.shared().createObjectNode();
        body.put("name", status.context());
        body.put("head_sha", status.commitId());
        body.put("details_url", link);
        body.put("external_id", externalId);
        String conclusion = conclusion(state);
        if (conclusion == null) {
            body.put("status", word(state));
        } else {
            body.put("status", "completed");
            body.put("conclusion", conclusion);
        }
        if (build != null && state != StatusState.PENDING) {
            time(body, "started_at", build.startedAt());
            time(body, "completed_at", build.finishedAt());
        }
        ObjectNode output = body.putObject("output");
        String title = state == StatusState.ERROR ? "There is no build" : state.description(status);
        output.put("title", shortened(title, MOST_TITLE));
        output.put("summary", summary(state, status, title));
        annotate(output, repository, state, status);
        return new CheckRunReport(externalId, word(state), body);
    }

    /** Whether a line of the Dockerfile is marked. */
    boolean hasAnnotation() {
        return body.path("output").has(ANNOTATIONS);
    }

    /**
     * What it says to a check run that is there already.
     *
     * @param annotate whether the line of the Dockerfile is still to be marked
     */
    ObjectNode change(boolean annotate) {
        ObjectNode change = body.deepCopy();
        change.remove("head_sha");
        if (!annotate && change.path("output") instanceof ObjectNode output) {
            output.remove(ANNOTATIONS);
        }
        return change;
    }

    private static @Nullable String conclusion(StatusState state) {
        return switch (state) {
            case PENDING, RUNNING -> null;
            case SUCCESS -> "success";
            case FAILURE, ERROR -> "failure";
            case CANCELLED -> "cancelled";
        };
    }

    /** GitHub's word for a state. */
    private static String word(StatusState state) {
        String conclusion = conclusion(state);
        return conclusion != null ? conclusion : state == StatusState.PENDING ? "queued" : "in_progress";
    }

    private static void time(ObjectNode body, String name, @Nullable Instant time) {
        if (time != null) {
            body.put(name, time.toString());
        }
    }

    private static String summary(StatusState state, CommitStatus status, String title) {
        ToldBuild build = status.build();
        Failure failure = build == null ? null : build.failure();
        return switch (state) {
            case PENDING, RUNNING, SUCCESS -> title + ".";
            case FAILURE, CANCELLED ->
                failure == null
                        ? title + "."
                        : literal(failure.message()
                                + (failure.instruction() == null ? "" : "\n\n" + place(failure) + failure.instruction())
                                + (failure.hint() == null ? "" : "\n\nHint: " + failure.hint()));
            case ERROR -> literal(state.description(status));
        };
    }

    private static String place(Failure failure) {
        return failure.line() == null ? "" : "Line " + failure.line() + ": ";
    }

    /** A block of code: a summary is Markdown, and what stands in a Dockerfile may be a stranger's. */
    private static String literal(String text) {
        return shortened(text, MOST_TEXT).lines().map(line -> "    " + line).collect(Collectors.joining("\n"));
    }

    private static void annotate(
            ObjectNode output, TriggerSettings.Repository repository, StatusState state, CommitStatus status) {
        ToldBuild build = status.build();
        CommitProblem problem = status.problem();
        if (state == StatusState.FAILURE && build != null && build.failure() != null) {
            Failure failure = build.failure();
            annotate(output, repository, build.dockerfile(), failure.line(), failure.code(), failure.message());
        } else if (state == StatusState.ERROR && problem != null) {
            annotate(output, repository, problem.dockerfile(), problem.line(), "dockerfile_invalid", problem.text());
        }
    }

    private static void annotate(
            ObjectNode output,
            TriggerSettings.Repository repository,
            @Nullable String dockerfile,
            @Nullable Integer line,
            String title,
            String message) {
        if (dockerfile == null || line == null) {
            return;
        }
        String subdirectory = repository.subdirectory() == null ? "" : repository.subdirectory();
        Path path = Path.of("/", subdirectory, dockerfile).normalize();
        ObjectNode annotation = output.putArray(ANNOTATIONS).addObject();
        annotation.put("path", path.toString().substring(1));
        annotation.put("start_line", line);
        annotation.put("end_line", line);
        annotation.put("annotation_level", "failure");
        annotation.put("title", title);
        annotation.put("message", shortened(message, MOST_TEXT));
    }

    private static String shortened(String text, int most) {
        return text.length() <= most ? text : text.substring(0, most - 1) + "…";
    }
}
