package io.slipway.db.build;

import io.slipway.db.Row;
import io.slipway.db.access.ProjectLimits;
import org.jspecify.annotations.Nullable;

/**
 * A build that was handed to a worker, with what its project has set when it was.
 *
 * @param build the build, running
 * @param fencingToken greater than that of every earlier claim of any build
 * @param sealed credentials and secrets for this build only, encrypted, or null
 * @param limits those that the project has of its own
 * @param policy the project's, JSON, or null: none was set
 * @param hasRegistryCredentials whether the project has any
 */
public record ClaimedBuild(
        Build build,
        long fencingToken,
        @Nullable String sealed,
        ProjectLimits limits,
        @Nullable String policy,
        boolean hasRegistryCredentials) {

    static ClaimedBuild from(Row row) {
        return new ClaimedBuild(
                Build.from(row),
                row.number("fencing_token"),
                row.textOrNull("sealed"),
                ProjectLimits.of(row.texts("limits")),
                row.textOrNull("policy"),
                row.flag("registry_credentials"));
    }

    /** Leaves the credentials out. */
    @Override
    public String toString() {
        return "ClaimedBuild[build=" + build.id() + ", fencingToken=" + fencingToken + "]";
    }
}
