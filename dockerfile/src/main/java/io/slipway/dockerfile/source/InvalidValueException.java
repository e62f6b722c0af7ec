package io.slipway.dockerfile.source;

import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A value that the language does not allow, thrown by code that sees the value alone. Whoever knows the instruction turns it into a
 * {@link DockerfileException} with {@link #at}. Long texts in the message and the hint are cut.
 */
public class InvalidValueException extends RuntimeException {

    private static final long serialVersionUID = 1;

    @Nullable
    private final String hint;

    /** Where to look for it, the narrowest first. */
    private final List<String> words;

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
        super(Excerpt.of(message, DockerfileException.LONGEST_TEXT));
        this.hint = hint == null ? null : Excerpt.of(hint, DockerfileException.LONGEST_TEXT);
        this.words = word == null ? List.of() : List.of(word);
    }

    private InvalidValueException(InvalidValueException narrower, String wider) {
        super(narrower.message(), narrower);
        this.hint = narrower.hint;
        this.words = Stream.concat(narrower.words.stream(), Stream.of(wider)).toList();
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

    /** What is wrong as it is written in the Dockerfile, then what it is a part of; empty if it is the instruction as a whole. */
    final List<String> words() {
        return words;
    }

    /**
     * The same error of a value that is a part of another.
     *
     * @param wider the other as it is written, which is pointed at where the part is not known or can't be found
     */
    public final InvalidValueException within(String wider) {
        return new InvalidValueException(this, wider);
    }

    /** The same error, at the instruction that holds the value. */
    public final DockerfileException at(SourceRange range) {
        return DockerfileException.of(this, range);
    }
}
