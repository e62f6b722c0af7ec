package io.slipway.dockerfile.source;

import org.jspecify.annotations.Nullable;

/**
 * A value that the language does not allow, thrown by code that sees the value alone. Whoever knows the instruction turns it into a
 * {@link DockerfileException} with {@link #at}.
 */
public class InvalidValueException extends RuntimeException {

    private static final long serialVersionUID = 1;

    @Nullable
    private final String hint;

    @Nullable
    private final String word;

    /**
     * @param message one sentence that names the value
     * @param hint what to write instead, or null
     */
    public InvalidValueException(String message, @Nullable String hint) {
        this(message, hint, null);
    }

    /**
     * @param message one sentence that names the value
     * @param hint what to write instead, or null
     * @param word what is wrong, as it is written in the Dockerfile, for the column; null if it is the instruction as a whole
     */
    public InvalidValueException(String message, @Nullable String hint, @Nullable String word) {
        super(message);
        this.hint = hint;
        this.word = word;
    }

    public InvalidValueException(String message) {
        this(message, null);
    }

    /** The sentence that names the value. */
    public final String message() {
        return String.valueOf(getMessage());
    }

    /** What to write instead, or null. */
    @Nullable
    public final String hint() {
        return hint;
    }

    /** What is wrong as it is written in the Dockerfile, or null if it is the instruction as a whole. */
    @Nullable
    final String word() {
        return word;
    }

    /** The same error, at the instruction that holds the value. */
    public final DockerfileException at(SourceRange range) {
        return DockerfileException.of(this, range);
    }
}
