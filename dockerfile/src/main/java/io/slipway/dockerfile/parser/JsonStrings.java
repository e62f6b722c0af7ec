package io.slipway.dockerfile.parser;

import io.slipway.dockerfile.source.InvalidValueException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the JSON (exec) form: an array of strings (RFC 8259). Text that is not a JSON array is another form and no error; an array that holds
 * something else than strings is.
 */
final class JsonStrings {

    private static final int DEEPEST_NESTING = 100;

    private final String text;
    private int position;

    private JsonStrings(String text) {
        this.text = text;
    }

    /**
     * @return the strings, or null if {@code text} is not a JSON array
     * @throws InvalidValueException if it is one, and not of strings
     */
    @Nullable
    static List<String> parse(String text) {
        if (!text.startsWith("[")) {
            return null;
        }
        try {
            return new JsonStrings(text).readStrings();
        } catch (NotJsonException e) {
            return null;
        }
    }

    /** Ends the reading of text that is not JSON. */
    private static final class NotJsonException extends Exception {
        private static final long serialVersionUID = 1;
    }

    private List<String> readStrings() throws NotJsonException {
        List<String> strings = new ArrayList<>();
        boolean others = false;
        expect('[');
        skipBlanks();
        if (peek() == ']') {
            position++;
        } else {
            while (true) {
                skipBlanks();
                if (peek() == '"') {
                    strings.add(readString());
                } else {
                    readValue(0);
                    others = true;
                }
                skipBlanks();
                if (peek() == ']') {
                    position++;
                    break;
                }
                expect(',');
            }
        }
        skipBlanks();
        if (position != text.length()) {
            throw new NotJsonException();
        }
        if (others) {
            throw new InvalidValueException(
                    "the JSON array " + text + " holds something else than strings", "put every word in double quotes");
        }
        return strings;
    }

    private void readValue(int depth) throws NotJsonException {
        if (depth > DEEPEST_NESTING) {
            throw new NotJsonException();
        }
        skipBlanks();
        switch (peek()) {
            case '"' -> readString();
            case '[' -> {
                position++;
                readMembers(']', depth);
            }
            case '{' -> {
                position++;
                readMembers('}', depth);
            }
            case 't' -> readLiteral("true");
            case 'f' -> readLiteral("false");
            case 'n' -> readLiteral("null");
            default -> readNumber();
        }
    }

    private void readMembers(char end, int depth) throws NotJsonException {
        skipBlanks();
        if (peek() == end) {
            position++;
            return;
        }
        while (true) {
            skipBlanks();
            if (end == '}') {
                readString();
                skipBlanks();
                expect(':');
            }
            readValue(depth + 1);
            skipBlanks();
            if (peek() == end) {
                position++;
                return;
            }
            expect(',');
        }
    }

    private void readLiteral(String literal) throws NotJsonException {
        if (!text.startsWith(literal, position)) {
            throw new NotJsonException();
        }
        position += literal.length();
    }

    private void readNumber() throws NotJsonException {
        int start = position;
        while (position < text.length() && "+-.0123456789eE".indexOf(text.charAt(position)) >= 0) {
            position++;
        }
        if (!text.substring(start, position).matches("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?")) {
            throw new NotJsonException();
        }
    }

    private String readString() throws NotJsonException {
        expect('"');
        StringBuilder string = new StringBuilder();
        while (true) {
            char character = next();
            if (character == '"') {
                return string.toString();
            }
            if (character < 0x20) {
                throw new NotJsonException();
            }
            string.append(character == '\\' ? readEscape() : character);
        }
    }

    private char readEscape() throws NotJsonException {
        char escaped = next();
        return switch (escaped) {
            case '"', '\\', '/' -> escaped;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> {
                int value = 0;
                for (int i = 0; i < 4; i++) {
                    int digit = Character.digit(next(), 16);
                    if (digit < 0) {
                        throw new NotJsonException();
                    }
                    value = value << 4 | digit;
                }
                yield (char) value;
            }
            default -> throw new NotJsonException();
        };
    }

    private void skipBlanks() {
        while (position < text.length() && " \t\r\n".indexOf(text.charAt(position)) >= 0) {
            position++;
        }
    }

    private void expect(char expected) throws NotJsonException {
        if (next() != expected) {
            throw new NotJsonException();
        }
    }

    private char peek() throws NotJsonException {
        if (position >= text.length()) {
            throw new NotJsonException();
        }
        return text.charAt(position);
    }

    private char next() throws NotJsonException {
        char character = peek();
        position++;
        return character;
    }
}
