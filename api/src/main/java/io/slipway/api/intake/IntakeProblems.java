package io.slipway.api.intake;

import io.slipway.api.intake.option.OptionException;
import io.slipway.api.problem.ProblemException;
import io.slipway.api.problem.ProblemType;
import io.slipway.dockerfile.source.DockerfileException;
import io.slipway.image.context.ContextException;
import io.slipway.protocol.ErrorCode;
import io.slipway.remote.SourceException;
import org.jspecify.annotations.Nullable;

/** Says what is wrong with a request as a problem: the status, the error code, the place, the hint. */
final class IntakeProblems {
    private IntakeProblems() {}

    static ProblemException of(OptionException e) {
        boolean unknown = e.isUnknownName();
        return new ProblemException(
                        unknown ? ProblemType.PARAMETER_UNKNOWN : ProblemType.PARAMETER_INVALID,
                        sentence(e.getMessage()))
                .with("parameter", e.option())
                .with("hint", e.hint());
    }

    static ProblemException of(SourceException e) {
        ErrorCode code = codeOf(e.kind());
        return new ProblemException(typeOf(code), sentence(e.getMessage()))
                .with("code", code.wireName())
                .with("hint", e.hint());
    }

    static ProblemException of(ContextException e) {
        ErrorCode code = switch (e.kind()) {
            case INVALID -> ErrorCode.CONTEXT_INVALID;
            case TOO_LARGE -> ErrorCode.CONTEXT_TOO_LARGE;
        };
        ProblemType type = switch (e.kind()) {
            case INVALID -> ProblemType.CONTEXT_INVALID;
            case TOO_LARGE -> ProblemType.CONTENT_TOO_LARGE;
        };
        ProblemException problem = new ProblemException(type, String.valueOf(e.getMessage()));
        problem.initCause(e);
        return problem.with("code", code.wireName());
    }

    static ProblemException of(DockerfileException e, String name) {
        return new ProblemException(
                        ProblemType.DOCKERFILE_INVALID,
                        (e.line() == 0 ? name : name + ", line " + e.line()) + ": " + e.message())
                .with("code", ErrorCode.DOCKERFILE_INVALID.wireName())
                .with("dockerfile", name)
                .with("line", e.line() == 0 ? null : e.line())
                .with("column", e.column() == 0 ? null : e.column())
                .with("hint", e.hint());
    }

    private static ErrorCode codeOf(SourceException.Kind kind) {
        return switch (kind) {
            case UNREACHABLE -> ErrorCode.CONTEXT_UNREACHABLE;
            case AUTH -> ErrorCode.GIT_AUTH;
            case REPOSITORY_NOT_FOUND -> ErrorCode.GIT_REPOSITORY_NOT_FOUND;
            case REF_NOT_FOUND -> ErrorCode.GIT_REF_NOT_FOUND;
            case INVALID -> ErrorCode.CONTEXT_INVALID;
            case TOO_LARGE -> ErrorCode.CONTEXT_TOO_LARGE;
        };
    }

    private static ProblemType typeOf(ErrorCode code) {
        return switch (code) {
            case CONTEXT_TOO_LARGE -> ProblemType.CONTENT_TOO_LARGE;
            case CONTEXT_INVALID -> ProblemType.CONTEXT_INVALID;
            case CONTEXT_UNREACHABLE, GIT_AUTH, GIT_REF_NOT_FOUND, GIT_REPOSITORY_NOT_FOUND ->
                ProblemType.CONTEXT_UNREACHABLE;
            case DOCKERFILE_INVALID -> ProblemType.DOCKERFILE_INVALID;
            case BASE_NOT_FOUND,
                    BASE_AUTH,
                    BASE_DIGEST_MISMATCH,
                    BASE_INVALID,
                    PLATFORM_UNSUPPORTED,
                    INSTRUCTION_FAILED,
                    STEP_FAILED,
                    STEP_KILLED,
                    STEP_OUT_OF_MEMORY,
                    SECRET_MISSING,
                    POLICY_DENIED,
                    SECRET_IN_IMAGE,
                    STEP_TIMEOUT,
                    BUILD_TIMEOUT,
                    DISK_FULL,
                    LIMIT_EXCEEDED,
                    PUSH_AUTH,
                    PUSH_REFUSED,
                    REGISTRY_UNREACHABLE,
                    WORKER_LOST,
                    HOME_LOST,
                    RUNTIME_UNAVAILABLE,
                    CANCELLED,
                    SUPERSEDED,
                    INTERNAL -> throw new IllegalArgumentException("not a reason to refuse a request: " + code);
        };
    }

    /** Messages of exceptions have no full stop; details of problems do. They may begin with an option's name, so not in upper case. */
    private static String sentence(@Nullable String message) {
        String text = String.valueOf(message);
        String end = text.endsWith(".") || text.endsWith("?") ? "" : ".";
        return text + end;
    }
}
