package io.slipway.worker.build;

import io.slipway.dockerfile.instruction.Origin;
import io.slipway.dockerfile.source.DockerfileException;
import io.slipway.dockerfile.source.InvalidValueException;
import io.slipway.image.ImageDocumentException;
import io.slipway.image.layer.DiffIdMismatchException;
import io.slipway.image.layer.LayerException;
import io.slipway.image.layout.LayoutException;
import io.slipway.image.registry.RegistryException;
import io.slipway.image.store.DigestMismatchException;
import io.slipway.protocol.BuildError;
import io.slipway.protocol.ErrorCode;
import io.slipway.remote.SourceException;
import io.slipway.worker.copy.CopyException;
import io.slipway.worker.linux.Errno;
import io.slipway.worker.linux.LinuxException;
import io.slipway.worker.rootfs.RootException;
import io.slipway.worker.sandbox.EmulationException;
import io.slipway.worker.sandbox.RuntimeUnavailableException;
import io.slipway.worker.snapshot.ReservedNameException;
import io.slipway.worker.snapshot.TooManyLayersException;
import io.slipway.worker.snapshot.UnmappedOwnerException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/** Turns what went wrong inside into what a build's user is told. */
final class Failures {
    private Failures() {}

    /** The failure behind an exception; {@code origin} is the instruction that was at work, if one was. */
    static BuildFailure of(Throwable thrown, @Nullable Origin origin) {
        return switch (thrown) {
            case BuildFailure failure -> failure;
            case CompletionException e when e.getCause() != null -> of(e.getCause(), origin);
            case ExecutionException e when e.getCause() != null -> of(e.getCause(), origin);
            case DockerfileException e -> dockerfile(e, origin);
            case CopyException e -> failure(ErrorCode.INSTRUCTION_FAILED, e, origin);
            case RootException e -> failure(ErrorCode.INSTRUCTION_FAILED, e, origin);
            case ReservedNameException e -> failure(ErrorCode.INSTRUCTION_FAILED, e, origin);
            case IOException e when e.getCause() instanceof BuildFailure failure -> failure;
            case InvalidValueException e ->
                new BuildFailure(error(ErrorCode.INSTRUCTION_FAILED, e.message(), origin, e.hint()), e);
            case LinuxException e
            when e.errno() == Errno.ENAMETOOLONG ->
                new BuildFailure(
                        error(
                                ErrorCode.INSTRUCTION_FAILED,
                                "a name is longer than a file system takes",
                                origin,
                                "a name can have 255 bytes, and a path 4095"),
                        e);
            case UnmappedOwnerException e ->
                new BuildFailure(
                        error(
                                ErrorCode.INSTRUCTION_FAILED,
                                message(e),
                                origin,
                                "use smaller numbers, or ask whoever runs this service for more subordinate ids"),
                        e);
            case SourceException e when isDiskFull(e) -> new BuildFailure(diskFull(origin), e);
            case SourceException e ->
                new BuildFailure(error(ErrorCode.INSTRUCTION_FAILED, message(e), origin, e.hint()), e);
            case RegistryException e ->
                new BuildFailure(error(code(e), String.valueOf(e.getMessage()), origin, hint(code(e))), e);
            case TooManyLayersException e ->
                new BuildFailure(
                        error(
                                ErrorCode.INSTRUCTION_FAILED,
                                message(e),
                                origin,
                                "make one instruction of several, or copy the result into a stage of its own"),
                        e);
            case ImageDocumentException e -> failure(ErrorCode.BASE_INVALID, e, origin);
            case LayoutException e -> failure(ErrorCode.BASE_INVALID, e, origin);
            case DigestMismatchException e -> failure(ErrorCode.BASE_DIGEST_MISMATCH, e, origin);
            case EmulationException e ->
                new BuildFailure(error(ErrorCode.PLATFORM_UNSUPPORTED, message(e), origin, e.hint()), e);
            case RuntimeUnavailableException e ->
                new BuildFailure(
                        error(ErrorCode.RUNTIME_UNAVAILABLE, message(e), origin, hint(ErrorCode.RUNTIME_UNAVAILABLE)),
                        e);
            case PolicyException e -> new BuildFailure(error(ErrorCode.POLICY_DENIED, message(e), origin, e.hint()), e);
            case PlatformMissingException e -> failure(ErrorCode.PLATFORM_UNSUPPORTED, e, origin);
            case LayerException e -> failure(ErrorCode.BASE_INVALID, e, origin);
            case DiffIdMismatchException e -> failure(ErrorCode.BASE_DIGEST_MISMATCH, e, origin);
            case IOException e when isDiskFull(e) -> new BuildFailure(diskFull(origin), e);
            case IOException e -> failure(ErrorCode.INTERNAL, e, origin);
            default -> failure(ErrorCode.INTERNAL, thrown, origin);
        };
    }

    /**
     * The failure to find an image that the Dockerfile names, wherever it does.
     *
     * @param nearest what was probably meant instead, as a sentence, or null
     */
    static BuildFailure ofName(RegistryException e, @Nullable String nearest, Origin origin) {
        return nearest == null
                ? of(e, origin)
                : new BuildFailure(error(code(e), String.valueOf(e.getMessage()), origin, nearest), e);
    }

    /** The failure of the export step: no line of the Dockerfile is to blame, but for a layer that it waits for. */
    static BuildFailure ofExport(Throwable thrown) {
        BuildFailure failure = of(thrown, null);
        BuildError error = failure.error();
        if (error.line() != null) {
            return failure;
        }
        return new BuildFailure(
                new BuildError(error.code(), error.message(), Build.EXPORT, null, null, error.hint()), thrown);
    }

    /** {@link ErrorCode#DISK_FULL}, as a user is told. */
    static BuildError diskFull(@Nullable Origin origin) {
        return error(
                ErrorCode.DISK_FULL,
                "the disk of the build machine is full",
                origin,
                "ask whoever runs this service for space, or make the build smaller");
    }

    private static BuildFailure dockerfile(DockerfileException e, @Nullable Origin origin) {
        Integer line = e.line() > 0 ? e.line() : null;
        String text = origin == null ? null : origin.text();
        return new BuildFailure(
                new BuildError(ErrorCode.DOCKERFILE_INVALID, e.message(), text, line, null, e.hint()), e);
    }

    /** What a failure says, also where Java's own message is a path and nothing else. */
    static String words(Exception e) {
        return switch (e) {
            case AccessDeniedException denied -> denied.getFile() + " is not open to the user that builds";
            case NoSuchFileException missing -> "there is no " + missing.getFile();
            default -> String.valueOf(e.getMessage());
        };
    }

    /** Whether somebody else ended what was going on: the build has failed elsewhere, was cancelled, or took too long. */
    static boolean isInterrupt(@Nullable Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof InterruptedException
                    || cause instanceof InterruptedIOException
                    || cause instanceof ClosedByInterruptException
                    || cause instanceof RejectedExecutionException) {
                return true;
            }
        }
        return false;
    }

    private static BuildFailure failure(ErrorCode code, Throwable thrown, @Nullable Origin origin) {
        return new BuildFailure(error(code, message(thrown), origin, null), thrown);
    }

    private static String message(Throwable thrown) {
        return thrown.getMessage() == null ? thrown.toString() : thrown.getMessage();
    }

    private static BuildError error(ErrorCode code, String message, @Nullable Origin origin, @Nullable String hint) {
        return origin == null
                ? new BuildError(code, message, null, null, null, hint)
                : new BuildError(code, message, origin.text(), origin.range().line(), null, hint);
    }

    private static ErrorCode code(RegistryException e) {
        boolean push = e.operation() == RegistryException.Operation.PUSH;
        return switch (e.kind()) {
            case NOT_FOUND -> push ? ErrorCode.PUSH_REFUSED : ErrorCode.BASE_NOT_FOUND;
            case PLATFORM_NOT_FOUND -> ErrorCode.PLATFORM_UNSUPPORTED;
            case UNAUTHORIZED, DENIED -> push ? ErrorCode.PUSH_AUTH : ErrorCode.BASE_AUTH;
            case DIGEST_MISMATCH -> push ? ErrorCode.PUSH_REFUSED : ErrorCode.BASE_DIGEST_MISMATCH;
            case INVALID, REFUSED -> push ? ErrorCode.PUSH_REFUSED : ErrorCode.BASE_INVALID;
            case UNREACHABLE -> ErrorCode.REGISTRY_UNREACHABLE;
        };
    }

    private static @Nullable String hint(ErrorCode code) {
        return switch (code) {
            case BASE_NOT_FOUND ->
                "check the name and the tag, and that this service reaches the registry or mirror that has it";
            case BASE_AUTH, PUSH_AUTH ->
                "give the build credentials for that host (option registryAuth, header X-Registry-Config), or ask whoever runs this service";
            case RUNTIME_UNAVAILABLE -> "install crun, or name another runtime in SLIPWAY_RUNTIME";
            case REGISTRY_UNREACHABLE ->
                "check the host and its port, and that the registry is well; one that speaks plain http has to be configured so";
            default -> null;
        };
    }

    /** Whether it is for want of room on this machine. */
    static boolean isDiskFull(Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof LinuxException e && (e.errno() == Errno.ENOSPC || e.errno() == Errno.EDQUOT)) {
                return true;
            }
            String message = cause.getMessage();
            if (message != null
                    && (message.contains("No space left on device") || message.contains("quota exceeded"))) {
                return true;
            }
        }
        return false;
    }
}
