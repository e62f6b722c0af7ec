package io.slipway.dockerfile.expansion;

import io.slipway.dockerfile.source.Excerpt;
import io.slipway.dockerfile.source.InvalidValueException;
import org.jspecify.annotations.Nullable;

/** A word that cannot be expanded: an open quote, a bad substitution, or a variable that has to be set. */
public final class ExpansionException extends InvalidValueException {

    private static final long serialVersionUID = 1;

    /**
     * @param word the word as it is written
     * @param problem what is wrong with it
     * @param hint what to write instead, or null
     */
    ExpansionException(String word, String problem, @Nullable String hint) {
        super("cannot expand " + quoted(word) + ": " + problem, hint, word.isEmpty() ? null : word);
    }

    private static String quoted(String word) {
        return "\"" + Excerpt.of(word, 200) + "\"";
    }
}
