package io.slipway.dockerfile.source;

import org.jspecify.annotations.Nullable;

/** Finds a word of an instruction in the text of its Dockerfile. */
final class WordPlace {

    private WordPlace() {}

    /**
     * Finds the first place of a word behind the instruction's keyword. A place where the word is only a part of another counts if there is no better.
     *
     * @param text the Dockerfile's text, with any line ends, with or without a byte order mark
     * @param range the instruction's lines
     * @param word as it is written; not empty
     * @return from the word's line and column to the instruction's end; null if the word is not there as it is written
     */
    @Nullable
    static SourceRange find(String text, SourceRange range, String word) {
        SourceRange whole = findOnOneLine(text, range, word);
        int blank = word.indexOf(' ');
        // A word of several lines is joined to one: it begins where its first part does.
        return whole != null || blank < 1 ? whole : findOnOneLine(text, range, word.substring(0, blank));
    }

    @Nullable
    private static SourceRange findOnOneLine(String text, SourceRange range, String word) {
        SourceRange part = null;
        int start = text.startsWith("\uFEFF") ? 1 : 0;
        for (int line = 1; line <= range.endLine() && start < text.length(); line++) {
            int newline = text.indexOf('\n', start);
            int end = newline < 0 ? text.length() : newline;
            boolean first = line == range.line();
            if (line >= range.line()
                    && (first || !Blanks.trimStart(text.substring(start, end)).startsWith("#"))) {
                int from = first ? start + range.column() - 1 : start;
                for (int at = text.indexOf(word, from);
                        at >= 0 && at + word.length() <= end;
                        at = text.indexOf(word, at + 1)) {
                    SourceRange here = new SourceRange(line, at - start + 1, range.endLine());
                    if (isWhole(text, at, at + word.length())) {
                        return here;
                    }
                    part = part == null ? here : part;
                }
            }
            start = end + 1;
        }
        return part;
    }

    private static boolean isWhole(String text, int start, int end) {
        return (start == 0 || !isOfWords(text.charAt(start - 1)))
                && (end == text.length() || !isOfWords(text.charAt(end)));
    }

    private static boolean isOfWords(char character) {
        return Character.isLetterOrDigit(character) || character == '_' || character == '-';
    }
}
