package io.slipway.dockerfile.expansion;

import io.slipway.dockerfile.source.Blanks;
import io.slipway.dockerfile.source.FileSize;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads one word from its first character to its last. One object reads one word; not thread-safe. */
final class ShellReader {

    /** No program can be given a longer argument or variable (Linux, MAX_ARG_STRLEN is 128 KiB); heredoc bodies may be longer, up to a whole file. */
    static final int LONGEST_RESULT = FileSize.MOST_BYTES;

    /** Deeper substitutions in substitutions are refused, so that no text can exhaust the stack. */
    private static final int DEEPEST_NESTING = 64;

    private static final int END = -1;
    private static final String SPECIAL_NAMES = "@*#?-$!0";

    /** What happens to quotes. */
    enum Quotes {
        /** They group, and are left out of the result. */
        REMOVED,
        /** They group, and stay in the result. */
        KEPT,
        /** They are characters like any other. */
        TEXT
    }

    /**
     * How a word is read.
     *
     * @param escape the escape character
     * @param quotes what happens to quotes
     * @param keepEscapes whether escape characters stay in the result
     * @param keepUnset whether the text of a substitution whose variable is not set stays in the result
     */
    record Style(char escape, Quotes quotes, boolean keepEscapes, boolean keepUnset) {}

    private final String source;
    private final int[] characters;
    private final Style style;
    private final Function<String, @Nullable String> variables;
    private final Allowance allowance;
    private final NavigableSet<String> set = new TreeSet<>();
    private final NavigableSet<String> unset = new TreeSet<>();
    private boolean keepEscapes;
    private int position;
    private int depth;

    ShellReader(String source, Style style, Function<String, @Nullable String> variables, Allowance allowance) {
        this.source = source;
        this.characters = source.codePoints().toArray();
        this.style = style;
        this.variables = variables;
        this.allowance = allowance;
        this.keepEscapes = style.keepEscapes();
    }

    Expansion read() {
        take(characters.length);
        Text text = readUntil(END);
        return new Expansion(
                text.result.toString(),
                text.words(),
                Collections.unmodifiableNavigableSet(set),
                Collections.unmodifiableNavigableSet(unset));
    }

    /** Collects the result both as one text and split into words. */
    private final class Text {
        private final StringBuilder result = new StringBuilder();
        private final StringBuilder word = new StringBuilder();
        private final List<String> words = new ArrayList<>();

        /** Appends a character that ends a word if it is blank. */
        void append(int character) {
            check(1);
            result.appendCodePoint(character);
            if (Blanks.isBlank(character)) {
                endWord();
            } else {
                word.appendCodePoint(character);
            }
        }

        /** Appends a character that belongs to its word whatever it is. */
        void appendQuoted(int character) {
            check(1);
            result.appendCodePoint(character);
            word.appendCodePoint(character);
        }

        /** Appends a value, whose blanks end words. */
        void append(String text) {
            check(text.length());
            take(text.length());
            result.append(text);
            int start = 0;
            for (int i = 0; i < text.length(); i++) {
                if (Blanks.isBlank(text.charAt(i))) {
                    word.append(text, start, i);
                    endWord();
                    start = i + 1;
                }
            }
            word.append(text, start, text.length());
        }

        void appendQuoted(String text) {
            check(text.length());
            take(text.length());
            result.append(text);
            word.append(text);
        }

        List<String> words() {
            endWord();
            return List.copyOf(words);
        }

        private void endWord() {
            if (!word.isEmpty()) {
                words.add(word.toString());
                word.setLength(0);
            }
        }

        private void check(int more) {
            if (result.length() + more > LONGEST_RESULT) {
                throw problem("the result is longer than " + LONGEST_RESULT + " characters");
            }
        }
    }

    private Text readUntil(int stop) {
        Text text = new Text();
        while (true) {
            int next = peek();
            if (next == stop) {
                position += stop == END ? 0 : 1;
                return text;
            }
            if (next == END) {
                throw problem("it ends before the closing " + Character.toString(stop));
            }
            if (next == '$') {
                text.append(readSubstitution());
            } else if (next == '\'' && style.quotes() != Quotes.TEXT) {
                text.appendQuoted(readSingleQuoted());
            } else if (next == '"' && style.quotes() != Quotes.TEXT) {
                text.appendQuoted(readDoubleQuoted());
            } else if (next == style.escape()) {
                position++;
                if (keepEscapes) {
                    text.appendQuoted(next);
                }
                if (peek() != END) {
                    text.appendQuoted(next());
                }
            } else {
                text.append(next());
            }
        }
    }

    private Text readUntil(int stop, boolean keepEscapesInside) {
        boolean before = keepEscapes;
        keepEscapes = keepEscapesInside;
        try {
            return readUntil(stop);
        } finally {
            keepEscapes = before;
        }
    }

    private String readSingleQuoted() {
        StringBuilder text = new StringBuilder();
        int quote = next();
        appendQuote(text, quote);
        while (true) {
            int next = next();
            if (next == END) {
                throw problem("a single quote is not closed");
            }
            if (next == quote) {
                appendQuote(text, quote);
                return text.toString();
            }
            text.appendCodePoint(next);
        }
    }

    private String readDoubleQuoted() {
        StringBuilder text = new StringBuilder();
        int quote = next();
        appendQuote(text, quote);
        while (true) {
            int next = peek();
            if (next == END) {
                throw problem("a double quote is not closed");
            }
            if (next == quote) {
                position++;
                appendQuote(text, quote);
                return text.toString();
            }
            if (next == '$') {
                String value = readSubstitution();
                take(value.length());
                text.append(value);
                continue;
            }
            position++;
            if (next == style.escape()) {
                if (keepEscapes) {
                    text.appendCodePoint(next);
                }
                int escaped = peek();
                if (escaped == END) {
                    continue;
                }
                if (escaped == '"' || escaped == '$' || escaped == style.escape()) {
                    next = next();
                } else if (keepEscapes) {
                    continue;
                }
            }
            text.appendCodePoint(next);
        }
    }

    private void appendQuote(StringBuilder text, int quote) {
        if (style.quotes() == Quotes.KEPT) {
            text.appendCodePoint(quote);
        }
    }

    private String readSubstitution() {
        if (++depth > DEEPEST_NESTING) {
            throw problem("substitutions are nested deeper than " + DEEPEST_NESTING);
        }
        try {
            int start = position;
            position++;
            if (peek() == '{') {
                return readBraces(start);
            }
            String name = readName();
            if (name.isEmpty()) {
                return "$";
            }
            String value = lookUp(name);
            return value != null ? value : style.keepUnset() ? written(start) : "";
        } finally {
            depth--;
        }
    }

    private String readBraces(int start) {
        position++;
        if (peek() == END) {
            throw problem("${ is not closed by }");
        }
        String name = readName();
        if (name.isEmpty()) {
            throw problem("${ is not followed by a name");
        }
        int operator = next();
        return switch (operator) {
            case END -> throw problem("${" + name + " is not closed by }");
            case '}' -> {
                String value = lookUp(name);
                yield value != null ? value : style.keepUnset() ? written(start) : "";
            }
            case ':' -> {
                int modifier = next();
                yield switch (modifier) {
                    case '-', '+', '?' -> readDefault(start, name, modifier, true);
                    case END -> throw problem("${" + name + ": is not closed by }");
                    default -> {
                        lookUp(name);
                        throw new ExpansionException(
                                source,
                                "${" + name + ":" + Character.toString(modifier) + "…} is not a substitution",
                                "after a colon there are :- :+ and :?");
                    }
                };
            }
            case '-', '+', '?' -> readDefault(start, name, operator, false);
            case '#', '%' -> readCut(start, name, operator);
            case '/' -> readReplacement(start, name);
            default ->
                throw new ExpansionException(
                        source,
                        "${" + name + Character.toString(operator) + "…} is not a substitution",
                        "after a name there are } - + ? :- :+ :? # ## % %% / and //");
        };
    }

    private String readDefault(int start, String name, int operator, boolean emptyIsUnset) {
        String word = readUntil('}', false).result.toString();
        String value = lookUp(name);
        if (value == null && style.keepUnset()) {
            return written(start);
        }
        boolean missing = value == null || (emptyIsUnset && value.isEmpty());
        return switch (operator) {
            case '-' -> missing || value == null ? word : value;
            case '+' -> missing ? "" : word;
            default -> {
                if (missing || value == null) {
                    String reason = value == null ? "is not allowed to be unset" : "is not allowed to be empty";
                    throw problem(name + ": " + (word.isEmpty() ? reason : word));
                }
                yield value;
            }
        };
    }

    private String readCut(int start, String name, int operator) {
        boolean longest = peek() == operator;
        if (longest) {
            position++;
        }
        String pattern = readUntil('}', true).result.toString();
        String value = lookUp(name);
        if (value == null) {
            return style.keepUnset() ? written(start) : "";
        }
        ShellPattern parsed = pattern(pattern, value);
        return operator == '#' ? parsed.withoutPrefix(value, longest) : parsed.withoutSuffix(value, longest);
    }

    private String readReplacement(int start, String name) {
        boolean everywhere = peek() == '/';
        if (everywhere) {
            position++;
        }
        String pattern;
        try {
            pattern = readUntil('/', true).result.toString();
        } catch (ExpansionException e) {
            if (position < characters.length) {
                throw e;
            }
            throw new ExpansionException(
                    source,
                    "the second / of ${" + name + "/…} is missing",
                    "write ${" + name + "/pattern/} to replace by nothing");
        }
        String replacement = readUntil('}', true).result.toString();
        String value = lookUp(name);
        if (value == null) {
            return style.keepUnset() ? written(start) : "";
        }
        ShellPattern parsed = pattern(pattern, value);
        return parsed.replace(value, replacement, everywhere, LONGEST_RESULT);
    }

    private ShellPattern pattern(String pattern, String value) {
        ShellPattern.checkLength(value, source);
        if (!allowance.takeSteps((long) value.length() * pattern.length())) {
            throw tooMuch();
        }
        return ShellPattern.parse(pattern, style.escape(), source);
    }

    private String readName() {
        int start = position;
        int first = peek();
        if (first != END && Character.isDigit(first)) {
            while (peek() != END && Character.isDigit(peek())) {
                position++;
            }
        } else if (first != END && SPECIAL_NAMES.indexOf(first) >= 0) {
            position++;
        } else {
            while (peek() != END && (Character.isLetterOrDigit(peek()) || peek() == '_')) {
                position++;
            }
        }
        return written(start);
    }

    @Nullable
    private String lookUp(String name) {
        String value = variables.apply(name);
        (value == null ? unset : set).add(name);
        return value;
    }

    private String written(int start) {
        return new String(characters, start, position - start);
    }

    private int peek() {
        return position < characters.length ? characters[position] : END;
    }

    private int next() {
        return position < characters.length ? characters[position++] : END;
    }

    private void take(int more) {
        if (!allowance.take(more)) {
            throw tooMuch();
        }
    }

    private ExpansionException tooMuch() {
        return problem("all words of the Dockerfile together would expand to more than " + Allowance.MOST_CHARACTERS
                + " characters");
    }

    private ExpansionException problem(String problem) {
        return new ExpansionException(source, problem, null);
    }
}
