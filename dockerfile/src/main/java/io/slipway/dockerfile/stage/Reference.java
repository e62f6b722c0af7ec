package io.slipway.dockerfile.stage;

/** What FROM, {@code COPY --from} and {@code --mount from} can name (dockerfile.md §5). */
public sealed interface Reference {

    /** Nothing: an empty root. */
    record Scratch() implements Reference {}

    /**
     * A stage of the same Dockerfile.
     *
     * @param index its place, from 0
     */
    record OfStage(int index) implements Reference {}

    /**
     * A named context of the build, which goes before stages and images of that name.
     *
     * @param name its name as the build has it
     */
    record OfContext(String name) implements Reference {}

    /**
     * An image.
     *
     * @param name its name as it is written, after expansion; a well-formed image reference
     */
    record OfImage(String name) implements Reference {}
}
