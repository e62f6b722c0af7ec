package io.slipway.dockerfile.ignore;

import io.slipway.dockerfile.source.InvalidValueException;
import java.util.ArrayList;
import java.util.List;

/**
 * A pattern over slash-separated paths. Names are compared by code point, so that lone surrogates, which stand for bytes that are not UTF-8, are
 * characters like any other. Matching takes time in proportion to pattern times path, whatever the pattern. Immutable.
 */
public final class PathPattern {

    /** Longer patterns are refused: nobody writes them. */
    private static final int LONGEST_PATTERN = 4096;

    /** One element of a pattern. */
    private sealed interface Token {

        /** This character. */
        record Literal(int character) implements Token {}

        /** Any character but the slash: {@code ?}. */
        record AnyInName() implements Token {}

        /** One character of a class: {@code [a-z]}, {@code [^a-z]}. Go lets a class match the slash. */
        record OneOf(boolean negated, List<int[]> ranges) implements Token {

            boolean contains(int character) {
                boolean found = false;
                for (int[] range : ranges) {
                    found |= range[0] <= character && character <= range[1];
                }
                return found != negated;
            }
        }

        /** Any number of characters but the slash: {@code *}. */
        record Star() implements Token {}

        /** Any number of characters: {@code **} at the end. */
        record Everything() implements Token {}

        /** Nothing, or anything up to and with a slash: {@code **} and a slash. */
        record Directories() implements Token {}
    }

    private final String pattern;
    private final Token[] tokens;

    private PathPattern(String pattern, List<Token> tokens) {
        this.pattern = pattern;
        this.tokens = tokens.toArray(Token[]::new);
    }

    /**
     * A pattern of COPY and ADD: Go's {@code filepath.Match}, which has {@code * ? [] \} and where {@code **} is the same as {@code *}.
     *
     * @throws InvalidValueException if a class is not closed or an escape ends the pattern
     */
    public static PathPattern of(String pattern) {
        return new PathPattern(pattern, new Compiler(pattern, false).compile());
    }

    /**
     * A pattern of {@code .dockerignore}, {@code --exclude} and {@code --parents}: as {@link #of}, with {@code **} for any number of directories
     * (moby/patternmatcher).
     *
     * @throws InvalidValueException if a class is not closed or an escape ends the pattern
     */
    public static PathPattern ofDeep(String pattern) {
        return new PathPattern(pattern, new Compiler(pattern, true).compile());
    }

    /** Whether {@code text} holds a wildcard that is not escaped; if not, it names one path. */
    public static boolean hasWildcards(String text) {
        for (int i = 0; i < text.length(); i++) {
            switch (text.charAt(i)) {
                case '\\' -> i++;
                case '*', '?', '[' -> {
                    return true;
                }
                default -> {}
            }
        }
        return false;
    }

    /** Whether the whole of {@code path} matches. */
    public boolean matches(String path) {
        States states = new States();
        path.codePoints().forEach(states::step);
        return states.accepts();
    }

    /** Whether {@code path} or a directory that it lies in matches. */
    public boolean matchesPathOrParent(String path) {
        States states = new States();
        for (int i = 0; i < path.length(); ) {
            int character = path.codePointAt(i);
            if (character == '/' && i > 0 && states.accepts()) {
                return true;
            }
            states.step(character);
            i += Character.charCount(character);
        }
        return states.accepts();
    }

    /**
     * Whether the pattern can match a path inside {@code directory}.
     *
     * @param directory its path without a slash at the end; empty for the root
     */
    public boolean canMatchBelow(String directory) {
        States states = new States();
        directory.codePoints().forEach(states::step);
        if (!directory.isEmpty()) {
            states.step('/');
        }
        return states.canGoOn();
    }

    /** The pattern as it is written. */
    @Override
    public String toString() {
        return pattern;
    }

    /** Where in the pattern one can be after some characters of a path. */
    private final class States {

        /** {@code at[i]}: the tokens before {@code i} are matched. */
        private boolean[] at = new boolean[tokens.length + 1];

        /** {@code inside[i]}: token {@code i} is {@code Directories} and has begun. */
        private boolean[] inside = new boolean[tokens.length];

        States() {
            at[0] = true;
            skipOptional();
        }

        void step(int character) {
            boolean[] nextAt = new boolean[at.length];
            boolean[] nextInside = new boolean[inside.length];
            for (int i = 0; i < tokens.length; i++) {
                boolean begun = inside[i];
                if (at[i]) {
                    switch (tokens[i]) {
                        case Token.Literal literal -> nextAt[i + 1] |= literal.character() == character;
                        case Token.AnyInName any -> nextAt[i + 1] |= character != '/';
                        case Token.OneOf oneOf -> nextAt[i + 1] |= oneOf.contains(character);
                        case Token.Star star -> nextAt[i] |= character != '/';
                        case Token.Everything everything -> nextAt[i] = true;
                        case Token.Directories directories -> begun = true;
                    }
                }
                if (begun) {
                    nextInside[i] = true;
                    nextAt[i + 1] |= character == '/';
                }
            }
            at = nextAt;
            inside = nextInside;
            skipOptional();
        }

        boolean accepts() {
            return at[tokens.length];
        }

        boolean canGoOn() {
            for (int i = 0; i < tokens.length; i++) {
                if (at[i] || inside[i]) {
                    return true;
                }
            }
            return false;
        }

        private void skipOptional() {
            for (int i = 0; i < tokens.length; i++) {
                boolean optional = switch (tokens[i]) {
                    case Token.Star star -> true;
                    case Token.Everything everything -> true;
                    case Token.Directories directories -> true;
                    case Token.Literal literal -> false;
                    case Token.AnyInName any -> false;
                    case Token.OneOf oneOf -> false;
                };
                at[i + 1] |= at[i] && optional;
            }
        }
    }

    /** Reads a pattern from its first character to its last. */
    private static final class Compiler {

        private static final int END = -1;

        private final String pattern;
        private final int[] characters;
        private final boolean deep;
        private final List<Token> tokens = new ArrayList<>();
        private int position;

        Compiler(String pattern, boolean deep) {
            if (pattern.length() > LONGEST_PATTERN) {
                throw new InvalidValueException("a pattern is longer than " + LONGEST_PATTERN + " characters");
            }
            this.pattern = pattern;
            this.characters = pattern.codePoints().toArray();
            this.deep = deep;
        }

        List<Token> compile() {
            while (position < characters.length) {
                int character = next();
                switch (character) {
                    case '*' -> compileStar();
                    case '?' -> tokens.add(new Token.AnyInName());
                    case '[' -> compileClass();
                    case '\\' -> tokens.add(new Token.Literal(escaped()));
                    default -> tokens.add(new Token.Literal(character));
                }
            }
            return tokens;
        }

        private void compileStar() {
            if (!deep || peek() != '*') {
                tokens.add(new Token.Star());
                return;
            }
            boolean first = position == 1;
            position++;
            boolean slash = peek() == '/';
            if (slash) {
                position++;
            }
            if (peek() == END) {
                tokens.add(new Token.Everything());
            } else if (first && !slash && !hasSpecial(position)) {
                // "**" and plain text is a suffix of the whole path in moby/patternmatcher.
                tokens.add(new Token.Everything());
            } else {
                tokens.add(new Token.Directories());
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
            tokens.add(new Token.OneOf(negated, List.copyOf(ranges)));
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
            return new InvalidValueException("the pattern \"" + pattern + "\" is malformed: " + problem);
        }
    }
}
