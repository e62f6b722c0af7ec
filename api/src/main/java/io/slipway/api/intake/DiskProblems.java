package io.slipway.api.intake;

import io.slipway.api.problem.ProblemException;
import io.slipway.api.problem.ProblemType;
import io.slipway.image.context.DiskReserveException;
import io.slipway.protocol.ErrorCode;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Tells a full disk from other failures of the disk. */
final class DiskProblems {
    private DiskProblems() {}

    /**
     * The problem that a failed write means.
     *
     * @throws UncheckedIOException if the disk is not full: that is a defect of the service or its machine
     */
    static ProblemException of(IOException e) {
        if (e instanceof DiskReserveException) {
            return new ProblemException(
                            ProblemType.DISK_FULL,
                            "The context does not fit on the service's disk: the rest is kept for running builds.")
                    .with("code", ErrorCode.DISK_FULL.wireName());
        }
        String message = String.valueOf(e.getMessage());
        // The JDK has no exception of its own for ENOSPC and EDQUOT; the texts are those of strerror(3).
        if (message.contains("No space left on device") || message.contains("Disk quota exceeded")) {
            return new ProblemException(ProblemType.DISK_FULL, "The service's disk is full; nothing was kept.")
                    .with("code", ErrorCode.DISK_FULL.wireName());
        }
        throw new UncheckedIOException(e);
    }
}
