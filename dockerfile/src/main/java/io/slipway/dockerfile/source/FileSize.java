package io.slipway.dockerfile.source;

import org.jspecify.annotations.Nullable;

/** How large a Dockerfile may be. */
public final class FileSize {

    /**
     * Larger ones are refused before they are read. The reference frontend has no limit of its own; what its parts send each other had this one
     * (gRPC's default) until 2024, and the largest file that anybody missed a higher one for has 1.3 MB.
     */
    public static final int MOST_BYTES = 4 << 20;

    private FileSize() {}

    /**
     * Why a file of so many bytes is not read; null if it is.
     *
     * @param bytes its size, or that of a part of it
     */
    @Nullable
    public static DockerfileException refusal(long bytes) {
        return bytes <= MOST_BYTES
                ? null
                : DockerfileException.nowhere(
                        "the Dockerfile is larger than " + MOST_BYTES + " bytes",
                        "keep what is not instructions in files of the context, and COPY them");
    }
}
