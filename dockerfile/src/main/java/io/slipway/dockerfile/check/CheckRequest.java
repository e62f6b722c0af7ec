package io.slipway.dockerfile.check;

import io.slipway.dockerfile.Dockerfile;
import io.slipway.dockerfile.ignore.IgnorePatterns;
import io.slipway.dockerfile.stage.PlatformName;
import io.slipway.dockerfile.stage.ResolvedStage;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What to check.
 *
 * @param buildArguments the arguments that the build is given
 * @param target name of the stage to build, in any case; null for the last
 * @param targetPlatform the platform to build for
 * @param buildPlatform the platform that builds
 * @param contexts names of the build's named contexts
 * @param bases gives the image that a stage starts from, which is no other stage; empty if it is not known, and then nothing is said
 *     about variables that it might set. Asked only for stages that the target needs
 * @param ignored the patterns of {@code .dockerignore}, for {@link Rule#COPY_IGNORED_FILE}
 */
public record CheckRequest(
        Dockerfile dockerfile,
        Map<String, String> buildArguments,
        @Nullable String target,
        PlatformName targetPlatform,
        PlatformName buildPlatform,
        Set<String> contexts,
        Function<ResolvedStage, Optional<BaseImage>> bases,
        IgnorePatterns ignored) {

    public CheckRequest {
        buildArguments = Map.copyOf(buildArguments);
        contexts = Set.copyOf(contexts);
    }
}
