package io.slipway.dockerfile.source;

import java.util.Collection;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Finds the word that somebody probably meant. */
public final class Suggestion {

    /** Words that differ by more edits than this are not alike. */
    private static final int MOST_EDITS = 2;

    /** Longer words are not compared: the comparison takes the product of both lengths. */
    private static final int LONGEST_WORD = 200;

    /** More words are not looked at. */
    private static final int MOST_OPTIONS = 1_000;

    private Suggestion() {}

    /**
     * The word of {@code options} that differs from {@code word} by the fewest edits, ignoring case.
     *
     * @return the first of the nearest options; null if none is near, or if {@code word} itself is among them (the mistake is elsewhere)
     */
    @Nullable
    public static String nearest(String word, Collection<String> options) {
        if (word.length() > LONGEST_WORD) {
            return null;
        }
        String wanted = word.toLowerCase(Locale.ROOT);
        String nearest = null;
        int fewest = MOST_EDITS + 1;
        int looked = 0;
        for (String option : options) {
            if (++looked > MOST_OPTIONS) {
                break;
            }
            String candidate = option.toLowerCase(Locale.ROOT);
            if (option.equals(word)) {
                return null;
            }
            int edits = Math.abs(candidate.length() - wanted.length()) > MOST_EDITS
                    ? MOST_EDITS + 1
                    : edits(wanted, candidate);
            if (edits < fewest) {
                fewest = edits;
                nearest = option;
            }
        }
        return nearest;
    }

    /** A hint for an error message: {@code did you mean COPY?}, or null. */
    @Nullable
    public static String hint(String word, Collection<String> options) {
        String nearest = nearest(word, options);
        return nearest == null ? null : "did you mean " + nearest + "?";
    }

    /** The Levenshtein distance between two words. */
    private static int edits(String from, String to) {
        int[] previous = new int[to.length() + 1];
        for (int column = 0; column < previous.length; column++) {
            previous[column] = column;
        }
        for (int row = 1; row <= from.length(); row++) {
            int[] current = new int[to.length() + 1];
            current[0] = row;
            for (int column = 1; column <= to.length(); column++) {
                int replaced = previous[column - 1] + (from.charAt(row - 1) == to.charAt(column - 1) ? 0 : 1);
                current[column] = Math.min(replaced, Math.min(previous[column], current[column - 1]) + 1);
            }
            previous = current;
        }
        return previous[to.length()];
    }
}
