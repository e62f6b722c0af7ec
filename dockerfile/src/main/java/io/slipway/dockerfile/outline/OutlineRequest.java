package io.slipway.dockerfile.outline;

import io.slipway.dockerfile.ignore.IgnorePatterns;
import io.slipway.dockerfile.stage.PlatformName;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How the Dockerfile would be built.
 *
 * @param buildArguments the arguments that a build would be given
 * @param target name of the stage that a build would be asked for, in any case; null for the last
 * @param targetPlatform the platform to build for
 * @param buildPlatform the platform that builds
 * @param contexts names of the build's named contexts
 * @param ignored the patterns of {@code .dockerignore}
 */
public record OutlineRequest(
        Map<String, String> buildArguments,
        @Nullable String target,
        PlatformName targetPlatform,
        PlatformName buildPlatform,
        Set<String> contexts,
        IgnorePatterns ignored) {

    public OutlineRequest {
        buildArguments = Map.copyOf(buildArguments);
        contexts = Set.copyOf(contexts);
    }

    /** Of a build without named contexts. */
    public OutlineRequest(
            Map<String, String> buildArguments,
            @Nullable String target,
            PlatformName targetPlatform,
            PlatformName buildPlatform,
            IgnorePatterns ignored) {
        this(buildArguments, target, targetPlatform, buildPlatform, Set.of(), ignored);
    }
}
