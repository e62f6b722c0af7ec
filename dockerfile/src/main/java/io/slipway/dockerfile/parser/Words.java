package io.slipway.dockerfile.parser;

import io.slipway.dockerfile.source.Blanks;
import java.util.ArrayList;
import java.util.List;

/** Splits the arguments of an instruction into words. */
final class Words {

    private Words() {}

    /** The blanks that separate words: {@code [\t\v\f\r ]} (dockerfile.md §1). */
    static boolean isSeparator(char character) {
        return character == ' ' || character == '\t' || character == 0x0B || character == '\f' || character == '\r';
    }

    /** The words between blanks, whatever quotes they hold. */
    static List<String> atBlanks(String text) {
        List<String> words = new ArrayList<>();
        int start = 0;
        for (int i = 0; i <= text.length(); i++) {
            if (i == text.length() || isSeparator(text.charAt(i))) {
                if (i > start) {
                    words.add(text.substring(start, i));
                }
                start = i + 1;
            }
        }
        return words;
    }

    /** The words between blanks that are neither quoted nor escaped; quotes and escapes stay in the words, to be resolved by expansion. */
    static List<String> quoted(String text, char escape) {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        char quote = 0;
        for (int i = 0; i < text.length(); i++) {
            char character = text.charAt(i);
            if (quote == 0 && Blanks.isBlank(character)) {
                if (!word.isEmpty()) {
                    words.add(word.toString());
                    word.setLength(0);
                }
                continue;
            }
            if (character == escape && quote != '\'') {
                if (i + 1 < text.length()) {
                    word.append(character).append(text.charAt(++i));
                }
                continue;
            }
            if (quote == 0 && (character == '\'' || character == '"')) {
                quote = character;
            } else if (character == quote) {
                quote = 0;
            }
            word.append(character);
        }
        if (!word.isEmpty()) {
            words.add(word.toString());
        }
        return words;
    }
}
