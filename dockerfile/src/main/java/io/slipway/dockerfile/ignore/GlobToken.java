package io.slipway.dockerfile.ignore;

import java.util.List;

/** One element of a pattern. */
sealed interface GlobToken {

    /** Whether the element matches nothing as well. */
    default boolean isOptional() {
        return switch (this) {
            case Star _, Everything _, Directories _ -> true;
            case Literal _, AnyInName _, OneOf _ -> false;
        };
    }

    /** This character. */
    record Literal(int character) implements GlobToken {}

    /** Any character but the slash: {@code ?}. */
    record AnyInName() implements GlobToken {}

    /** One character of a class: {@code [a-z]}, {@code [^a-z]}. Go lets a class match the slash. */
    record OneOf(boolean negated, List<int[]> ranges) implements GlobToken {

        boolean contains(int character) {
            boolean found = false;
            for (int[] range : ranges) {
                found |= range[0] <= character && character <= range[1];
            }
            return found != negated;
        }
    }

    /** Any number of characters but the slash: {@code *}. */
    record Star() implements GlobToken {}

    /** Any number of characters: {@code **} at the end. */
    record Everything() implements GlobToken {}

    /** Nothing, or anything up to and with a slash: {@code **} and a slash. */
    record Directories() implements GlobToken {}
}
