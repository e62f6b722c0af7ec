package io.slipway.protocol;

import java.util.List;
import java.util.Locale;

/**
 * Where the layers of an image end. Immutable.
 *
 * @param kind the rule
 * @param steps for {@link Kind#STEPS} the names of the steps after each of which a layer ends, each once; else empty
 */
public record LayerRule(Kind kind, List<String> steps) {
    /** A layer for each instruction that changes files. */
    public static final LayerRule INSTRUCTION = new LayerRule(Kind.INSTRUCTION, List.of());

    /** A rule. */
    public enum Kind {
        /** After each instruction that changes files. */
        INSTRUCTION,
        /** After each stage that the image is made of. */
        STAGE,
        /** Only at the end: one layer, the base's files included. */
        FLAT,
        /** After the steps that are named, and at the end. */
        STEPS
    }

    public LayerRule {
        steps = List.copyOf(steps);
    }

    /**
     * The rule that a user wrote: one of the words {@code instruction}, {@code stage} and {@code flat}, or names of steps, which all have a dot.
     *
     * @param words as written; none for the default
     * @throws IllegalArgumentException with a sentence, if they are no rule
     */
    public static LayerRule of(List<String> words) {
        if (words.isEmpty()) {
            return INSTRUCTION;
        }
        if (words.size() == 1 && !words.getFirst().contains(".")) {
            return switch (words.getFirst()) {
                case "instruction" -> INSTRUCTION;
                case "stage" -> new LayerRule(Kind.STAGE, List.of());
                case "flat" -> new LayerRule(Kind.FLAT, List.of());
                default ->
                    throw new IllegalArgumentException(
                            "layers is instruction, stage, flat, or names of steps such as build.2, not "
                                    + words.getFirst());
            };
        }
        for (String word : words) {
            if (!word.contains(".")) {
                throw new IllegalArgumentException("%s is no name of a step, which is STAGE.N: build.2, for example"
                        .formatted(word.isEmpty() ? "nothing" : word));
            }
        }
        // Stages are named without regard to case.
        List<String> small =
                words.stream().map(word -> word.toLowerCase(Locale.ROOT)).toList();
        if (small.stream().distinct().count() != small.size()) {
            throw new IllegalArgumentException("layers names a step twice");
        }
        return new LayerRule(Kind.STEPS, small);
    }

    /** As the user wrote it. */
    @Override
    public String toString() {
        return kind == Kind.STEPS ? String.join(",", steps) : kind.name().toLowerCase(Locale.ROOT);
    }
}
