package io.slipway.db.build;

import io.slipway.db.Row;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A build as it stands in the database.
 *
 * @param options everything the caller chose, as a JSON object
 * @param retryOf the build that this one does once more, or null
 * @param confidential whether it came with credentials or secrets, which are forgotten at its end
 * @param filesSweptAt when its context was removed, some time after its end; or null
 * @param attempt number of the newest attempt; 0 before the first
 * @param losses attempts that ended because the worker was lost
 * @param supersedes the key of those that it has taken the place of, and of a newer one that may take its place; or null
 * @param supersededBy the newer build that has taken its place, or null
 * @param worker who runs or ran the newest attempt, or null before the first
 * @param cancelRequestedAt when somebody asked for the build's end, or null
 * @param result what was made; null unless it succeeded, or failed at pushing only
 * @param imageRemovedAt when the image went from the content store, or null: it is there, or there was none
 * @param images names that were pushed
 * @param failure why it failed or was cancelled; null otherwise
 * @param queuedAt since when it waits in the queue, or waited
 * @param startedAt start of the first attempt, or null
 * @param finishedAt null before the end
 * @param traceParent the span that it was submitted in (as a header of W3C Trace Context), or null
 * @param home the id of the service's home that its files lie in, or null: an older version's
 */
public record Build(
        BuildId id,
        String project,
        BuildState state,
        int priority,
        String options,
        List<String> tags,
        @Nullable String supersedes,
        @Nullable BuildId supersededBy,
        long timeoutMillis,
        DockerfileText dockerfile,
        ContextFile context,
        @Nullable BuildId retryOf,
        boolean confidential,
        @Nullable Instant filesSweptAt,
        int attempt,
        int losses,
        @Nullable String worker,
        @Nullable Instant cancelRequestedAt,
        @Nullable BuildResult result,
        @Nullable Instant imageRemovedAt,
        List<String> images,
        @Nullable Failure failure,
        Instant createdAt,
        Instant queuedAt,
        @Nullable Instant startedAt,
        @Nullable Instant finishedAt,
        @Nullable String traceParent,
        @Nullable String home) {

    /** Whether its files lie in the home of this id, or nowhere in particular. */
    public boolean isAt(String service) {
        return home == null || home.equals(service);
    }

    static Build from(Row row) {
        String digest = row.textOrNull("digest");
        return new Build(
                new BuildId(row.text("id")),
                row.text("project"),
                BuildState.of(row.text("state")),
                row.integer("priority"),
                row.text("options"),
                row.texts("tags"),
                row.textOrNull("supersedes"),
                BuildId.from(row, "superseded_by"),
                row.number("timeout_millis"),
                new DockerfileText(row.text("dockerfile_name"), row.text("dockerfile")),
                new ContextFile(
                        row.text("context_path"),
                        row.number("context_bytes"),
                        row.text("context_sha256"),
                        row.textOrNull("context_content")),
                BuildId.from(row, "retry_of"),
                row.flag("confidential"),
                row.timeOrNull("files_swept_at"),
                row.integer("attempt"),
                row.integer("losses"),
                row.textOrNull("worker"),
                row.timeOrNull("cancel_requested_at"),
                digest == null ? null : new BuildResult(digest, row.text("media_type"), row.number("image_bytes")),
                row.timeOrNull("image_removed_at"),
                row.texts("images"),
                Failure.from(row),
                row.time("created_at"),
                row.time("queued_at"),
                row.timeOrNull("started_at"),
                row.timeOrNull("finished_at"),
                row.textOrNull("trace_parent"),
                row.textOrNull("home"));
    }
}
