package io.slipway.worker.build;

import io.slipway.dockerfile.instruction.Origin;
import io.slipway.protocol.BuildError;
import io.slipway.protocol.ErrorCode;
import org.jspecify.annotations.Nullable;

/** A build that cannot go on, with everything that its user should know. */
public final class BuildFailure extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient BuildError error;

    BuildFailure(BuildError error, @Nullable Throwable cause) {
        super(error.message(), cause);
        this.error = error;
    }

    static BuildFailure of(ErrorCode code, String message, @Nullable Throwable cause) {
        return new BuildFailure(new BuildError(code, message, null, null, null, null), cause);
    }

    static BuildFailure at(Origin origin, ErrorCode code, String message, @Nullable String hint) {
        return new BuildFailure(
                new BuildError(
                        code,
                        message,
                        Failures.instruction(origin),
                        origin.range().line(),
                        null,
                        hint),
                null);
    }

    /** What to report. */
    public BuildError error() {
        return error;
    }
}
