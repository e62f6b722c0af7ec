package io.slipway.dockerfile.ignore;

import io.slipway.dockerfile.source.Blanks;
import io.slipway.dockerfile.source.GoPath;
import io.slipway.dockerfile.source.InvalidValueException;
import java.util.ArrayList;
import java.util.List;

/**
 * The patterns of a {@code .dockerignore} file or of {@code --exclude} (dockerfile.md §7). The last pattern that matches a path or a directory
 * that it lies in decides; one that starts with {@code !} takes the path back in. Immutable.
 */
public final class IgnorePatterns {

    /** Ignores nothing. */
    public static final IgnorePatterns NONE = new IgnorePatterns(List.of());

    /** More patterns are refused: every path of a context is compared with every pattern. */
    private static final int MOST_PATTERNS = 10_000;

    private final List<Rule> rules;

    /** One pattern, and whether it takes paths back in. */
    private record Rule(PathPattern pattern, boolean includes) {}

    private IgnorePatterns(List<Rule> rules) {
        this.rules = List.copyOf(rules);
    }

    /**
     * Parses the text of a {@code .dockerignore} file.
     *
     * @throws InvalidValueException if a pattern is malformed, or a {@code !} has none
     */
    public static IgnorePatterns parse(String text) {
        String plain = text.startsWith("\uFEFF") ? text.substring(1) : text;
        List<Rule> rules = new ArrayList<>();
        int number = 0;
        for (String line : plain.split("\n", -1)) {
            number++;
            String pattern = Blanks.trim(line);
            if (line.startsWith("#") || pattern.isEmpty()) {
                continue;
            }
            boolean includes = pattern.startsWith("!");
            String path = includes ? Blanks.trim(pattern.substring(1)) : pattern;
            if (!path.isEmpty()) {
                path = GoPath.clean(path);
                path = path.length() > 1 && path.startsWith("/") ? path.substring(1) : path;
            }
            try {
                add(includes ? "!" + path : path, rules);
            } catch (InvalidValueException e) {
                throw new InvalidValueException("line " + number + ": " + e.message(), e.hint());
            }
        }
        return ofRules(rules);
    }

    /**
     * Patterns from a list, such as the values of {@code --exclude}.
     *
     * @throws InvalidValueException if a pattern is malformed, or a {@code !} has none
     */
    public static IgnorePatterns of(List<String> patterns) {
        List<Rule> rules = new ArrayList<>();
        patterns.forEach(pattern -> add(pattern, rules));
        return ofRules(rules);
    }

    private static void add(String written, List<Rule> rules) {
        String pattern = Blanks.trim(written);
        if (pattern.isEmpty()) {
            return;
        }
        if (rules.size() == MOST_PATTERNS) {
            throw new InvalidValueException("there are more than " + MOST_PATTERNS + " patterns to ignore");
        }
        pattern = GoPath.clean(pattern);
        boolean includes = pattern.startsWith("!");
        if (pattern.equals("!")) {
            throw new InvalidValueException("the pattern \"!\" takes nothing back in", "write a path after the !");
        }
        rules.add(new Rule(PathPattern.ofDeep(includes ? pattern.substring(1) : pattern), includes));
    }

    private static IgnorePatterns ofRules(List<Rule> rules) {
        return rules.isEmpty() ? NONE : new IgnorePatterns(rules);
    }

    /** The number of patterns. */
    public int size() {
        return rules.size();
    }

    /** Whether there are no patterns. */
    public boolean isEmpty() {
        return rules.isEmpty();
    }

    /** Whether a pattern takes paths back in. */
    public boolean hasInclusions() {
        return rules.stream().anyMatch(Rule::includes);
    }

    /**
     * Whether a path is ignored.
     *
     * @param path relative to the root of the context, without a slash at its start or end
     */
    public boolean ignores(String path) {
        int deciding = deciding(path);
        return deciding >= 0 && !rules.get(deciding).includes();
    }

    /**
     * Whether a directory is ignored and no later pattern can take back in anything inside it, so that it need not be read at all.
     *
     * @param directory relative to the root of the context, without a slash at its start or end
     */
    public boolean ignoresAllBelow(String directory) {
        int deciding = deciding(directory);
        if (deciding < 0 || rules.get(deciding).includes()) {
            return false;
        }
        for (Rule rule : rules.subList(deciding + 1, rules.size())) {
            if (rule.includes() && rule.pattern().canMatchBelow(directory)) {
                return false;
            }
        }
        return true;
    }

    /** A source of COPY as {@link #ignores} wants it: the shortest path, relative to the root of the context; the root itself is {@code .}. */
    public static String relative(String source) {
        String path = GoPath.clean("/" + source).substring(1);
        return path.isEmpty() ? "." : path;
    }

    /** The last rule that matches {@code path} or a parent of it, or -1. */
    private int deciding(String path) {
        for (int i = rules.size() - 1; i >= 0; i--) {
            if (rules.get(i).pattern().matchesPathOrParent(path)) {
                return i;
            }
        }
        return -1;
    }
}
