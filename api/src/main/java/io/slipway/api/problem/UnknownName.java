package io.slipway.api.problem;

import java.util.Collection;
import java.util.Optional;

/**
 * A name that a caller wrote and that is not known, said in the same words wherever it stands: in a query, a field, a part.
 *
 * @param message what is wrong, with the nearest name if there is one
 * @param hint the nearest name alone, or a list of those that are known
 */
public record UnknownName(String message, String hint) {
    private static final int SHOWN = 100;

    /**
     * A name that is none of {@code known}.
     *
     * @param what what kind of name it is, such as {@code option}
     */
    public static UnknownName of(String what, String name, Collection<String> known) {
        String message = "unknown " + what + " " + (name.length() <= SHOWN ? name : name.substring(0, SHOWN) + "…");
        Optional<String> nearest = NearestName.of(name, known);
        if (nearest.isPresent()) {
            return new UnknownName(message + ", did you mean " + nearest.get() + "?", nearest.get());
        }
        return new UnknownName(
                message + ".", known.isEmpty() ? "there is none here" : "known are " + String.join(", ", known));
    }
}
