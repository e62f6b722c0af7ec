package io.slipway.dockerfile.source;

import org.jspecify.annotations.Nullable;

/** A Dockerfile that cannot be built as it is written: what is wrong, where, and what to do. */
public final class DockerfileException extends RuntimeException {

    private static final long serialVersionUID = 1;

    /** What a message or hint is cut to: it may quote a line, and nobody reads more of it. */
    static final int LONGEST_TEXT = 400;

    private final int line;
    private final int column;
    private final int endLine;

    @Nullable
    private final String hint;

    /**
     * @param line the line that the error points at, from 1; 0 if it belongs to no line
     * @param column the column, from 1; 0 if unknown
     * @param endLine the last line of the instruction that it points at; 0 if it belongs to no line
     * @param message one sentence that names what is wrong, without the line
     * @param hint what to do about it, or null
     * @param cause the error of the value alone, or null
     */
    private DockerfileException(
            int line,
            int column,
            int endLine,
            String message,
            @Nullable String hint,
            @Nullable InvalidValueException cause) {
        super(Excerpt.of(message, LONGEST_TEXT), cause);
        this.line = line;
        this.column = column;
        this.endLine = endLine;
        this.hint = hint == null ? null : Excerpt.of(hint, LONGEST_TEXT);
    }

    /** An error of a value, at the instruction that holds it. */
    static DockerfileException of(InvalidValueException e, SourceRange range) {
        return new DockerfileException(range.line(), range.column(), range.endLine(), e.message(), e.hint(), e);
    }

    /**
     * The same error at the word that is wrong, where that word is known and stands in the instruction as it is written: its own line, if the
     * instruction has several, and its column. Otherwise this error, at the instruction.
     *
     * @param text the Dockerfile's text
     */
    public DockerfileException in(String text) {
        if (!(getCause() instanceof InvalidValueException cause) || line == 0) {
            return this;
        }
        SourceRange whole = new SourceRange(line, Math.max(column, 1), endLine);
        for (String word : cause.words()) {
            SourceRange found = WordPlace.find(text, whole, word);
            if (found != null) {
                return new DockerfileException(found.line(), found.column(), endLine, message(), hint, cause);
            }
        }
        return this;
    }

    /** An error at an instruction. */
    public static DockerfileException at(SourceRange range, String message) {
        return at(range, message, null);
    }

    /** An error at an instruction, with a hint or null. */
    public static DockerfileException at(SourceRange range, String message, @Nullable String hint) {
        return new DockerfileException(range.line(), range.column(), range.endLine(), message, hint, null);
    }

    /** An error of a line as a whole, from 1; 0 if it belongs to none. */
    public static DockerfileException atLine(int line, String message, @Nullable String hint) {
        return new DockerfileException(line, Math.min(line, 1), line, message, hint, null);
    }

    /** An error of the Dockerfile as a whole, or of what was asked for with it. */
    public static DockerfileException nowhere(String message, @Nullable String hint) {
        return new DockerfileException(0, 0, 0, message, hint, null);
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

    /** The last line of the instruction that the error points at, from 1; 0 if it belongs to no line. */
    public int endLine() {
        return endLine;
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
