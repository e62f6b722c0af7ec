package io.slipway.dockerfile.ignore;

import io.slipway.dockerfile.source.InvalidValueException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A pattern over slash-separated paths. Names are compared by code point, so that lone surrogates, which stand for bytes that are not UTF-8, are
 * characters like any other. Matching takes time in proportion to pattern times path, whatever the pattern. Immutable.
 */
public final class PathPattern {

    private final String pattern;
    private final GlobToken[] tokens;

    /** The text after {@code **}{@code /} at the start, or the whole pattern, if it has no other wildcard; otherwise null. */
    @Nullable
    private final String literal;

    /** Whether the literal may stand in any directory. */
    private final boolean anywhere;

    private PathPattern(String pattern, List<GlobToken> tokens) {
        this.pattern = pattern;
        this.tokens = tokens.toArray(GlobToken[]::new);
        this.anywhere = !tokens.isEmpty() && tokens.getFirst() instanceof GlobToken.Directories;
        this.literal = literal(anywhere ? tokens.subList(1, tokens.size()) : tokens);
    }

    /**
     * A pattern of COPY and ADD: Go's {@code filepath.Match}, which has {@code * ? [] \} and where {@code **} is the same as {@code *}.
     *
     * @throws InvalidValueException if a class is not closed or an escape ends the pattern
     */
    public static PathPattern of(String pattern) {
        return new PathPattern(pattern, new GlobCompiler(pattern, false).compile());
    }

    /**
     * A pattern of {@code .dockerignore}, {@code --exclude} and {@code --parents}: as {@link #of}, with {@code **} for any number of directories
     * (moby/patternmatcher).
     *
     * @throws InvalidValueException if a class is not closed or an escape ends the pattern
     */
    public static PathPattern ofDeep(String pattern) {
        return new PathPattern(pattern, new GlobCompiler(pattern, true).compile());
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
        if (literal != null) {
            return literal.equals(path) || (anywhere && path.endsWith("/" + literal));
        }
        GlobStates states = new GlobStates(tokens);
        for (int i = 0; i < path.length() && !states.isDead(); ) {
            int character = path.codePointAt(i);
            states.step(character);
            i += Character.charCount(character);
        }
        return states.accepts();
    }

    /** Whether {@code path} or a directory that it lies in matches. */
    public boolean matchesPathOrParent(String path) {
        if (literal != null) {
            return isLiteralOrBelow(literal, path);
        }
        GlobStates states = new GlobStates(tokens);
        for (int i = 0; i < path.length() && !states.isDead(); ) {
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
        GlobStates states = new GlobStates(tokens);
        directory.codePoints().forEach(states::step);
        if (!directory.isEmpty()) {
            states.step('/');
        }
        return states.canGoOn();
    }

    /** Whether {@code path} is the literal or lies below it. */
    private boolean isLiteralOrBelow(String name, String path) {
        int end = name.length();
        boolean begins = path.startsWith(name) && (end == path.length() || (end > 0 && path.charAt(end) == '/'));
        return begins || (anywhere && (path.endsWith("/" + name) || path.contains("/" + name + "/")));
    }

    @Nullable
    private static String literal(List<GlobToken> tokens) {
        StringBuilder text = new StringBuilder();
        for (GlobToken token : tokens) {
            if (!(token instanceof GlobToken.Literal(int character))) {
                return null;
            }
            text.appendCodePoint(character);
        }
        return text.toString();
    }

    /** The pattern as it is written. */
    @Override
    public String toString() {
        return pattern;
    }
}
