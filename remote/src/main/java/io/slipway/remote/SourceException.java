package io.slipway.remote;

import org.jspecify.annotations.Nullable;

/** Something could not be had from where somebody said it is. */
public final class SourceException extends RuntimeException {
    private final Kind kind;
    private final @Nullable String hint;

    /** Why. */
    public enum Kind {
        /** The server is not there, is not allowed, does not answer, or does not answer with what was asked for. */
        UNREACHABLE,
        /** The server wants other credentials than it got. */
        AUTH,
        /** There is no such repository, or it is hidden from us. */
        REPOSITORY_NOT_FOUND,
        /** The repository has no such branch, tag or commit. */
        REF_NOT_FOUND,
        /** It is there, and is not what it should be: a wrong checksum, a directory that is none. */
        INVALID,
        /** It is larger than allowed. */
        TOO_LARGE
    }

    /**
     * @param message one sentence for people, without credentials and full stop
     * @param hint what to try, or null
     */
    public SourceException(Kind kind, String message, @Nullable String hint) {
        super(message);
        this.kind = kind;
        this.hint = hint;
    }

    /** As above, with what led to it, for the log. */
    public SourceException(Kind kind, String message, @Nullable String hint, Throwable cause) {
        super(message, cause);
        this.kind = kind;
        this.hint = hint;
    }

    /** The same, with what it is about before its sentence: {@code SUBJECT: SENTENCE}. */
    public SourceException about(String subject) {
        return new SourceException(kind, subject + ": " + getMessage(), hint, this);
    }

    /** The closed reason. */
    public Kind kind() {
        return kind;
    }

    /** What to try, or null. */
    public @Nullable String hint() {
        return hint;
    }
}
