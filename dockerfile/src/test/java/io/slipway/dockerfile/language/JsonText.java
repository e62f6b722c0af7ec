package io.slipway.dockerfile.language;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads the JSON values that stand inside lines of the recorded cases. Malformed text is an error of the case file. */
final class JsonText {

    private final String text;
    private int position;

    /** Starts at {@code position} of {@code text}. */
    JsonText(String text, int position) {
        this.text = text;
        this.position = position;
    }

    /** Where reading has come to. */
    int position() {
        return position;
    }

    /** The next value: String, Long, Double, Boolean, List or Map (in the order of the text). */
    Object readValue() {
        skipBlanks();
        char first = text.charAt(position);
        return switch (first) {
            case '"' -> readString();
            case '[' -> readArray();
            case '{' -> readObject();
            case 't' -> literal("true", true);
            case 'f' -> literal("false", false);
            default -> readNumber();
        };
    }

    private Object literal(String word, Object value) {
        if (!text.startsWith(word, position)) {
            throw new IllegalStateException("not JSON at " + position + ": " + text);
        }
        position += word.length();
        return value;
    }

    private Object readNumber() {
        int start = position;
        while (position < text.length() && "+-.eE0123456789".indexOf(text.charAt(position)) >= 0) {
            position++;
        }
        String number = text.substring(start, position);
        return number.contains(".") ? (Object) Double.valueOf(number) : Long.valueOf(number);
    }

    private List<Object> readArray() {
        List<Object> values = new ArrayList<>();
        position++;
        skipBlanks();
        while (text.charAt(position) != ']') {
            values.add(readValue());
            skipBlanks();
            if (text.charAt(position) == ',') {
                position++;
                skipBlanks();
            }
        }
        position++;
        return values;
    }

    private Map<String, Object> readObject() {
        Map<String, Object> values = new LinkedHashMap<>();
        position++;
        skipBlanks();
        while (text.charAt(position) != '}') {
            String key = readString();
            skipBlanks();
            position++;
            values.put(key, readValue());
            skipBlanks();
            if (text.charAt(position) == ',') {
                position++;
                skipBlanks();
            }
        }
        position++;
        return values;
    }

    private String readString() {
        StringBuilder string = new StringBuilder();
        position++;
        while (text.charAt(position) != '"') {
            char character = text.charAt(position++);
            if (character != '\\') {
                string.append(character);
                continue;
            }
            char escaped = text.charAt(position++);
            switch (escaped) {
                case 'n' -> string.append('\n');
                case 't' -> string.append('\t');
                case 'r' -> string.append('\r');
                case 'b' -> string.append('\b');
                case 'f' -> string.append('\f');
                case 'u' -> {
                    string.append((char) Integer.parseInt(text, position, position + 4, 16));
                    position += 4;
                }
                default -> string.append(escaped);
            }
        }
        position++;
        return string.toString();
    }

    private void skipBlanks() {
        while (position < text.length() && text.charAt(position) == ' ') {
            position++;
        }
    }
}
