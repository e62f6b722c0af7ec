package io.slipway.protocol;

import org.jspecify.annotations.Nullable;

/**
 * Why a build failed, for people and for machines.
 *
 * @param code the closed reason
 * @param message one sentence for people
 * @param instruction the Dockerfile instruction as written, its middle left out if it is long, or null where none is to blame
 * @param line 1-based line of that instruction in the Dockerfile, or null
 * @param exitCode exit status of the RUN, or null
 * @param hint what to try, or null
 */
public record BuildError(
        ErrorCode code,
        String message,
        @Nullable String instruction,
        @Nullable Integer line,
        @Nullable Integer exitCode,
        @Nullable String hint) {}
