package io.slipway.dockerfile.source;

import org.jspecify.annotations.Nullable;

/** A Dockerfile that cannot be built as it is written: what is wrong, where, and what to do. */
public final class DockerfileException extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final int line;
    private final int column;

    @Nullable
    private final String hint;

    /**
     * @param line the line that the error points at, from 1; 0 if it belongs to no line
     * @param column the column, from 1; 0 if unknown
     * @param message one sentence that names what is wrong, without the line
     * @param hint what to do about it, or null
     * @param cause the error of the value alone, or null
     */
    public DockerfileException(
            int line, int column, String message, @Nullable String hint, @Nullable InvalidValueException cause) {
        super(message, cause);
        this.line = line;
        this.column = column;
        this.hint = hint;
    }

    /** An error at an instruction. */
    public static DockerfileException at(SourceRange range, String message) {
        return at(range, message, null);
    }

    /** An error at an instruction, with a hint or null. */
    public static DockerfileException at(SourceRange range, String message, @Nullable String hint) {
        return new DockerfileException(range.line(), range.column(), message, hint, null);
    }

    /** An error at a line, from 1. */
    public static DockerfileException atLine(int line, String message, @Nullable String hint) {
        return new DockerfileException(line, 0, message, hint, null);
    }

    /** An error of the Dockerfile as a whole, or of what was asked for with it. */
    public static DockerfileException nowhere(String message, @Nullable String hint) {
        return new DockerfileException(0, 0, message, hint, null);
    }

    /** What is wrong: one sentence, without the line and the hint. */
    public String message() {
        return String.valueOf(getMessage());
    }

    /** The line that the error points at, from 1; 0 if it belongs to no line. */
    public int line() {
        return line;
    }

    /** The column that the error points at, from 1; 0 if unknown. */
    public int column() {
        return column;
    }

    /** What to do about it, or null. */
    @Nullable
    public String hint() {
        return hint;
    }

    /** The whole error in one line: {@code line 3: unknown instruction COPPY (did you mean COPY?)}. */
    public String describe() {
        String place = line == 0 ? "" : "line " + line + ": ";
        return place + message() + (hint == null ? "" : " (" + hint + ")");
    }
}
