package io.slipway.dockerfile.instruction;

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
}
