package io.slipway.dockerfile.source;

import java.util.Arrays;
import java.util.Collection;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Finds the word that somebody probably meant. */
public final class Suggestion {

    /** Words that differ by more edits than this are not alike. */
    private static final int MOST_EDITS = 2;

    /** Longer words are not compared: somebody may have a thousand of them that are like a thousand others. */
    private static final int LONGEST_WORD = 80;

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
            if (option.equals(word)) {
                return null;
            }
            if (Math.abs(option.length() - word.length()) > MOST_EDITS) {
                continue;
            }
            int edits = edits(wanted, option.toLowerCase(Locale.ROOT));
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

    /**
     * The Levenshtein distance between two words, or more than {@link #MOST_EDITS}. Only what lies that near to the diagonal is worked out, so it takes
     * time in proportion to the length.
     */
    private static int edits(String from, String to) {
        int tooMany = MOST_EDITS + 1;
        int[] previous = new int[to.length() + 1];
        int[] current = new int[to.length() + 1];
        Arrays.fill(current, tooMany);
        for (int column = 0; column <= to.length(); column++) {
            previous[column] = Math.min(column, tooMany);
        }
        for (int row = 1; row <= from.length(); row++) {
            int first = Math.max(1, row - MOST_EDITS);
            int last = Math.min(to.length(), row + MOST_EDITS);
            current[first - 1] = first == 1 ? Math.min(row, tooMany) : tooMany;
            int fewest = current[first - 1];
            for (int column = first; column <= last; column++) {
                int replaced = previous[column - 1] + (from.charAt(row - 1) == to.charAt(column - 1) ? 0 : 1);
                int above = column == row + MOST_EDITS ? tooMany : previous[column] + 1;
                current[column] = Math.min(replaced, Math.min(above, current[column - 1] + 1));
                fewest = Math.min(fewest, current[column]);
            }
            if (fewest > MOST_EDITS) {
                return tooMany;
            }
            int[] spare = previous;
            previous = current;
            current = spare;
        }
        return previous[to.length()];
    }
}
