package io.slipway.dockerfile.ignore;

import io.slipway.dockerfile.source.InvalidValueException;
import java.util.ArrayList;
import java.util.List;

/** Reads a pattern from its first character to its last. */
final class GlobCompiler {

    /** Longer patterns are refused: nobody writes them. */
    private static final int LONGEST_PATTERN = 4096;

    private static final int END = -1;

    private final String pattern;
    private final int[] characters;
    private final boolean deep;
    private final List<GlobToken> tokens = new ArrayList<>();
    private int position;

    GlobCompiler(String pattern, boolean deep) {
        if (pattern.length() > LONGEST_PATTERN) {
            throw new InvalidValueException("a pattern is longer than " + LONGEST_PATTERN + " characters");
        }
        this.pattern = pattern;
        this.characters = pattern.codePoints().toArray();
        this.deep = deep;
    }

    List<GlobToken> compile() {
        while (position < characters.length) {
            int character = next();
            switch (character) {
                case '*' -> compileStar();
                case '?' -> tokens.add(new GlobToken.AnyInName());
                case '[' -> compileClass();
                case '\\' -> tokens.add(new GlobToken.Literal(escaped()));
                default -> tokens.add(new GlobToken.Literal(character));
            }
        }
        return tokens;
    }

    private void compileStar() {
        if (!deep || peek() != '*') {
            tokens.add(new GlobToken.Star());
            return;
        }
        boolean first = position == 1;
        position++;
        boolean slash = peek() == '/';
        if (slash) {
            position++;
        }
        if (peek() == END) {
            tokens.add(new GlobToken.Everything());
        } else if (first && !slash && !hasSpecial(position)) {
            // "**" and plain text is a suffix of the whole path in moby/patternmatcher.
            tokens.add(new GlobToken.Everything());
        } else {
            tokens.add(new GlobToken.Directories());
        }
    }

    private boolean hasSpecial(int from) {
        for (int i = from; i < characters.length; i++) {
            if ("*?[]\\".indexOf(characters[i]) >= 0) {
                return true;
            }
        }
        return false;
    }

    private void compileClass() {
        boolean negated = peek() == '^';
        if (negated) {
            position++;
        }
        List<int[]> ranges = new ArrayList<>();
        while (ranges.isEmpty() || peek() != ']') {
            int from = classCharacter();
            int to = from;
            if (peek() == '-') {
                position++;
                to = classCharacter();
            }
            ranges.add(new int[] {from, to});
        }
        position++;
        tokens.add(new GlobToken.OneOf(negated, List.copyOf(ranges)));
    }

    private int classCharacter() {
        int character = next();
        if (character == END || character == '-' || character == ']') {
            throw problem("a character class is not closed or empty");
        }
        return character == '\\' ? escaped() : character;
    }

    private int escaped() {
        int character = next();
        if (character == END) {
            throw problem("it ends in a backslash");
        }
        return character;
    }

    private int peek() {
        return position < characters.length ? characters[position] : END;
    }

    private int next() {
        return position < characters.length ? characters[position++] : END;
    }

    private InvalidValueException problem(String problem) {
        return new InvalidValueException(
                "the pattern \"" + pattern + "\" is malformed: " + problem, "a [ that is meant as such is written [[]");
    }
}
