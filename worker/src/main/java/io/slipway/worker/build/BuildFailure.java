package io.slipway.worker.build;

import io.slipway.dockerfile.instruction.Origin;
import io.slipway.dockerfile.source.Excerpt;
import io.slipway.protocol.BuildError;
import io.slipway.protocol.ErrorCode;
import org.jspecify.annotations.Nullable;

/** A build that cannot go on, with everything that its user should know. */
public final class BuildFailure extends Exception {
    private static final long serialVersionUID = 1L;

    /** What is told of an instruction and of a message at most: either may quote all of a Dockerfile, and people read it. */
    private static final int LONGEST_TEXT = 1_000;

    private final transient BuildError error;

    /** A failure whose long texts are cut. */
    BuildFailure(BuildError error, @Nullable Throwable cause) {
        this(cause, shortened(error));
    }

    private BuildFailure(@Nullable Throwable cause, BuildError error) {
        super(error.message(), cause);
        this.error = error;
    }

    private static BuildError shortened(BuildError error) {
        String instruction = error.instruction();
        return new BuildError(
                error.code(),
                Excerpt.of(error.message(), LONGEST_TEXT),
                instruction == null ? null : Excerpt.of(instruction, LONGEST_TEXT),
                error.line(),
                error.exitCode(),
                error.hint());
    }

    static BuildFailure of(ErrorCode code, String message, @Nullable Throwable cause) {
        return new BuildFailure(new BuildError(code, message, null, null, null, null), cause);
    }

    static BuildFailure at(Origin origin, ErrorCode code, String message, @Nullable String hint) {
        return new BuildFailure(
                new BuildError(code, message, origin.text(), origin.range().line(), null, hint), null);
    }

    /** What to report. */
    public BuildError error() {
        return error;
    }
}
