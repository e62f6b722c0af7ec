package io.slipway.protocol;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/**
 * Why a build failed: the closed set behind {@code error.code}. On the wire each is its name in lower case
 * ({@code step_failed}). docs/errors.md says what to do about each.
 */
public enum ErrorCode {
    DOCKERFILE_INVALID,
    CONTEXT_INVALID,
    CONTEXT_TOO_LARGE,
    CONTEXT_UNREACHABLE,
    GIT_AUTH,
    GIT_REF_NOT_FOUND,
    GIT_REPOSITORY_NOT_FOUND,
    BASE_NOT_FOUND,
    BASE_AUTH,
    BASE_DIGEST_MISMATCH,
    BASE_INVALID,
    PLATFORM_UNSUPPORTED,
    /** An instruction other than RUN could not be carried out: a COPY source that does not exist, a user that is unknown. */
    INSTRUCTION_FAILED,
    /** A RUN exited non-zero; {@code exitCode} is set. */
    STEP_FAILED,
    /** A signal has ended a RUN; {@code exitCode} is 128 and its number. */
    STEP_KILLED,
    /** A RUN has failed, and the kernel has killed something of its build because there was no more memory. */
    STEP_OUT_OF_MEMORY,
    /** A secret of the project that the build was to get is not there (any more), or can't be decrypted. */
    SECRET_MISSING,
    /** The policy of the project does not allow it. */
    POLICY_DENIED,
    /** The image would have a secret, and the build was asked to fail then. */
    SECRET_IN_IMAGE,
    /** A step took longer than the build allows each of them. */
    STEP_TIMEOUT,
    BUILD_TIMEOUT,
    DISK_FULL,
    /** The build, or its image, is larger than its project's builds may be. */
    LIMIT_EXCEEDED,
    PUSH_AUTH,
    PUSH_REFUSED,
    REGISTRY_UNREACHABLE,
    WORKER_LOST,
    /** The service that had the build's context has been away for longer than others wait for it. */
    HOME_LOST,
    /** The OCI runtime is not there or can't be started: a fault of the build machine. */
    RUNTIME_UNAVAILABLE,
    CANCELLED,
    /** A newer build has taken its place. */
    SUPERSEDED,
    /** A defect of Slipway's; the message carries an id that the service's own log has too. */
    INTERNAL;

    /** The name on the wire. */
    @JsonValue
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
