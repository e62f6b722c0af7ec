package io.slipway.dockerfile.instruction;

import io.slipway.dockerfile.source.InvalidValueException;
import java.util.List;

/** One source of COPY or ADD. */
public sealed interface CopySource {

    /**
     * A path with wildcards, or for ADD also the address of a file or repository; see {@link AddSource}.
     *
     * @param word the word, or after expansion the path
     */
    record Path(String word) implements CopySource {}

    /** A file whose text stands in the Dockerfile. */
    record Inline(Heredoc heredoc) implements CopySource {}

    /**
     * Checks what COPY and ADD have in common, after expansion.
     *
     * @throws InvalidValueException if a word is the name of no file
     */
    static void requireNames(List<CopySource> sources, String destination) {
        requireName(destination);
        for (CopySource source : sources) {
            if (source instanceof Path(String word)) {
                requireName(word);
            }
        }
    }

    private static void requireName(String word) {
        if (word.indexOf('\0') >= 0) {
            throw new InvalidValueException("a path has a zero byte, which no file's name can have", null, "\\u0000");
        }
    }
}
