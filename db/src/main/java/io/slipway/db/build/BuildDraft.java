package io.slipway.db.build;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A build that is to be queued.
 *
 * @param id a new id
 * @param project an existing project
 * @param options everything the caller chose, as a JSON object; the database only keeps it
 * @param sealed credentials and secrets for this build only, encrypted, or null; forgotten when the build has ended
 * @param tags names to push to, for finding builds by tag
 * @param supersedes earlier builds of the project with the same key are cancelled, if they have not ended; or null
 * @param priority higher runs first; 0 is normal
 * @param timeoutMillis the whole build's time limit for one attempt
 * @param dockerfile its Dockerfile
 * @param context the build context, on this machine
 * @param retryOf the build that is done once more, or null
 * @param traceParent the span that it is submitted in (as a header of W3C Trace Context), or null
 * @param warnings what was found when the Dockerfile was read
 */
public record BuildDraft(
        BuildId id,
        String project,
        String options,
        @Nullable String sealed,
        List<String> tags,
        @Nullable String supersedes,
        int priority,
        long timeoutMillis,
        DockerfileText dockerfile,
        ContextFile context,
        @Nullable BuildId retryOf,
        @Nullable String traceParent,
        List<Warning> warnings) {

    public BuildDraft {
        tags = List.copyOf(tags);
        warnings = List.copyOf(warnings);
    }

    /** One that is in no trace. */
    public BuildDraft(
            BuildId id,
            String project,
            String options,
            @Nullable String sealed,
            List<String> tags,
            @Nullable String supersedes,
            int priority,
            long timeoutMillis,
            DockerfileText dockerfile,
            ContextFile context,
            @Nullable BuildId retryOf,
            List<Warning> warnings) {
        this(
                id,
                project,
                options,
                sealed,
                tags,
                supersedes,
                priority,
                timeoutMillis,
                dockerfile,
                context,
                retryOf,
                null,
                warnings);
    }

    /** Leaves out what may be secret. */
    @Override
    public String toString() {
        return "BuildDraft[id=" + id + ", project=" + project + ", tags=" + tags + "]";
    }
}
