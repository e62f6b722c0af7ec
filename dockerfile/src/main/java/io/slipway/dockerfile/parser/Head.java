package io.slipway.dockerfile.parser;

import io.slipway.dockerfile.source.Blanks;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * An instruction's line, split where every instruction is split.
 *
 * @param keyword the keyword as it is written
 * @param flags the words before the arguments that start with {@code --}, without quotes and escapes
 * @param arguments the rest of the line, without blanks around it
 */
record Head(String keyword, List<String> flags, String arguments) {

    /** The keyword in capitals. */
    String name() {
        return keyword.toUpperCase(Locale.ROOT);
    }

    static Head split(String line, char escape) {
        String text = Blanks.trim(line);
        int end = 0;
        while (end < text.length() && !Words.isSeparator(text.charAt(end))) {
            end++;
        }
        String keyword = text.substring(0, end);
        List<String> flags = new ArrayList<>();
        int position = end;
        while (true) {
            while (position < text.length() && Blanks.isBlank(text.charAt(position))) {
                position++;
            }
            if (!text.startsWith("--", position)) {
                break;
            }
            StringBuilder flag = new StringBuilder();
            position = readFlag(text, position, escape, flag);
            if (flag.toString().equals("--")) {
                break;
            }
            flags.add(flag.toString());
        }
        return new Head(keyword, List.copyOf(flags), Blanks.trim(text.substring(position)));
    }

    /** Reads one word of flags; quotes group and are dropped, the escape character keeps the next character as it is. */
    private static int readFlag(String text, int start, char escape, StringBuilder flag) {
        int position = start;
        char quote = 0;
        while (position < text.length()) {
            char character = text.charAt(position);
            if (quote == 0 && Blanks.isBlank(character)) {
                break;
            }
            position++;
            if (character == escape) {
                if (position < text.length()) {
                    flag.append(text.charAt(position++));
                }
            } else if (quote == 0 && (character == '\'' || character == '"')) {
                quote = character;
            } else if (quote != 0 && character == quote) {
                quote = 0;
            } else {
                flag.append(character);
            }
        }
        return position;
    }
}
