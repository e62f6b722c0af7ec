package io.slipway.dockerfile.expansion;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * A pattern of {@code ${v#pattern}} and its like: {@code *} and {@code ?}, no classes (dockerfile.md §3). It is kept as the pieces between its
 * stars, so that matching never takes more than the product of the two lengths.
 */
final class ShellPattern {

    private static final int ANY = -1;

    /** Longer patterns are refused: nobody writes them, and matching takes time in proportion. */
    private static final int LONGEST_PATTERN = 1024;

    /** No variable can be longer (Linux, MAX_ARG_STRLEN). */
    private static final int LONGEST_VALUE = 128 << 10;

    /** The pieces before, between and after the stars; one piece if there is no star. */
    private final List<int[]> pieces;

    private ShellPattern(List<int[]> pieces) {
        this.pieces = pieces;
    }

    /**
     * @param pattern the pattern, its escapes still in it
     * @param escape the escape character
     * @param source the whole word, for the error
     */
    static ShellPattern parse(String pattern, char escape, String source) {
        if (pattern.length() > LONGEST_PATTERN) {
            throw new ExpansionException(source, "a pattern is longer than " + LONGEST_PATTERN + " characters", null);
        }
        List<int[]> pieces = new ArrayList<>();
        int[] characters = pattern.codePoints().toArray();
        int[] piece = new int[characters.length];
        int length = 0;
        for (int i = 0; i < characters.length; i++) {
            int character = characters[i];
            if (character == '*') {
                pieces.add(Arrays.copyOf(piece, length));
                length = 0;
            } else if (character == '?') {
                piece[length++] = ANY;
            } else if (character == escape) {
                i++;
                boolean known =
                        i < characters.length && (characters[i] == escape || "*?}/".indexOf(characters[i]) >= 0);
                if (!known) {
                    String escaped = i < characters.length ? Character.toString(characters[i]) : "";
                    throw new ExpansionException(
                            source,
                            "unknown escape " + escape + escaped + " in a pattern",
                            "the characters * ? } / and " + escape + " can be escaped there");
                }
                piece[length++] = characters[i];
            } else {
                piece[length++] = character;
            }
        }
        pieces.add(Arrays.copyOf(piece, length));
        return new ShellPattern(pieces);
    }

    /**
     * Refuses values that would take long to match.
     *
     * @param source the whole word, for the error
     */
    static void checkLength(String value, String source) {
        if (value.length() > LONGEST_VALUE) {
            throw new ExpansionException(
                    source, "a pattern is applied to a value longer than " + LONGEST_VALUE + " characters", null);
        }
    }

    String withoutPrefix(String value, boolean longest) {
        int[] text = value.codePoints().toArray();
        int end = matchAt(text, 0, longest);
        return end < 0 ? value : new String(text, end, text.length - end);
    }

    String withoutSuffix(String value, boolean longest) {
        int[] text = reversed(value.codePoints().toArray());
        List<int[]> backwards = new ArrayList<>();
        for (int[] piece : pieces) {
            backwards.add(reversed(piece));
        }
        Collections.reverse(backwards);
        int end = new ShellPattern(backwards).matchAt(text, 0, longest);
        return end < 0 ? value : new String(reversed(text), 0, text.length - end);
    }

    /**
     * Replaces the first match, or every match that does not overlap an earlier one.
     *
     * @param longest the most characters that the result may have; a longer one is cut there
     */
    String replace(String value, String replacement, boolean everywhere, int longest) {
        int[] text = value.codePoints().toArray();
        StringBuilder result = new StringBuilder();
        int copied = 0;
        int from = 0;
        boolean matchedBefore = false;
        while (from <= text.length && result.length() <= longest) {
            int start = indexOf(pieces.getFirst(), text, from);
            int end = start < 0 ? -1 : matchAt(text, start, true);
            if (end < 0) {
                break;
            }
            boolean emptyAfterMatch = end == start && start == copied && matchedBefore;
            if (!emptyAfterMatch) {
                result.append(new String(text, copied, start - copied)).append(replacement);
                copied = end;
                matchedBefore = true;
                if (!everywhere) {
                    break;
                }
            }
            from = end > start ? end : end + 1;
        }
        return result.append(new String(text, copied, text.length - copied)).toString();
    }

    /** Where a match that starts at {@code start} ends, or -1. */
    private int matchAt(int[] text, int start, boolean longest) {
        int[] first = pieces.getFirst();
        if (!isAt(first, text, start)) {
            return -1;
        }
        int position = start + first.length;
        for (int i = 1; i < pieces.size(); i++) {
            int[] piece = pieces.get(i);
            boolean last = i == pieces.size() - 1;
            int found = last && longest ? lastIndexOf(piece, text, position) : indexOf(piece, text, position);
            if (found < 0) {
                return -1;
            }
            position = found + piece.length;
        }
        return position;
    }

    private static int indexOf(int[] piece, int[] text, int from) {
        for (int i = from; i + piece.length <= text.length; i++) {
            if (isAt(piece, text, i)) {
                return i;
            }
        }
        return -1;
    }

    private static int lastIndexOf(int[] piece, int[] text, int from) {
        for (int i = text.length - piece.length; i >= from; i--) {
            if (isAt(piece, text, i)) {
                return i;
            }
        }
        return -1;
    }

    private static boolean isAt(int[] piece, int[] text, int start) {
        if (start + piece.length > text.length) {
            return false;
        }
        for (int i = 0; i < piece.length; i++) {
            if (piece[i] != ANY && piece[i] != text[start + i]) {
                return false;
            }
        }
        return true;
    }

    private static int[] reversed(int[] characters) {
        int[] result = new int[characters.length];
        for (int i = 0; i < characters.length; i++) {
            result[i] = characters[characters.length - 1 - i];
        }
        return result;
    }
}
