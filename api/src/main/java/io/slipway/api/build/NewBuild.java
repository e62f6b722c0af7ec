package io.slipway.api.build;

import io.slipway.db.build.BuildId;
import io.slipway.db.build.ContextFile;
import io.slipway.db.build.DockerfileText;
import io.slipway.db.build.Warning;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A build that is to be queued: everything checked.
 *
 * @param id new, from {@link BuildId#create}
 * @param project an existing project
 * @param settings how it runs
 * @param confidential credentials and secrets
 * @param supersedes earlier builds of the project with the same key are cancelled if they have not ended; or null
 * @param priority higher runs first; 0 is normal
 * @param timeout the whole build's time limit
 * @param context the context on this machine, which belongs to the build from then on (it is removed some time after the build
 *     has ended)
 * @param dockerfile its Dockerfile
 * @param retryOf the build that is done once more, or null
 * @param warnings what was found when the Dockerfile was read
 */
public record NewBuild(
        BuildId id,
        String project,
        BuildSettings settings,
        Confidential confidential,
        @Nullable String supersedes,
        int priority,
        Duration timeout,
        ContextFile context,
        DockerfileText dockerfile,
        @Nullable BuildId retryOf,
        List<Warning> warnings) {

    public NewBuild {
        warnings = List.copyOf(warnings);
    }
}
