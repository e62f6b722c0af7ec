package io.slipway.protocol;

import java.util.List;

/**
 * Patterns that choose among names of branches, tags or images, or among paths: {@code *} stands for any characters but slashes, {@code **} for any, {@code ?}
 * for one that is no slash. A pattern behind {@code !} takes out what one before it has chosen; the last one that matches decides. Where all take
 * out, everything else is chosen; where there are none, everything is. Immutable.
 */
public final class Globs {
    /** Chooses everything. */
    public static final Globs ALL = new Globs(List.of());

    private final List<Glob> globs;
    private final boolean otherwise;

    private record Glob(boolean include, String pattern) {}

    /** @param patterns in their order */
    public Globs(List<String> patterns) {
        this.globs = patterns.stream().map(Globs::glob).toList();
        this.otherwise = globs.stream().noneMatch(Glob::include);
    }

    private static Glob glob(String text) {
        boolean include = !text.startsWith("!");
        return new Glob(include, include ? text : text.substring(1));
    }

    /** Whether there is anything that they don't choose. */
    public boolean chooseAll() {
        return globs.isEmpty();
    }

    /** Whether they choose {@code name}. */
    public boolean choose(String name) {
        boolean chosen = otherwise;
        for (Glob glob : globs) {
            if (matches(glob.pattern(), name)) {
                chosen = glob.include();
            }
        }
        return chosen;
    }

    /**
     * Matches by keeping all places of the pattern that the name's beginning can have led to. A regular expression could take forever
     * over a pattern with many stars, and those who write patterns are not those who wait for others' deliveries.
     */
    private static boolean matches(String pattern, String name) {
        boolean[] places = new boolean[pattern.length() + 1];
        reach(pattern, places, 0);
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            boolean[] next = new boolean[pattern.length() + 1];
            for (int place = 0; place < pattern.length(); place++) {
                if (places[place]) {
                    step(pattern, place, c, next);
                }
            }
            places = next;
        }
        return places[pattern.length()];
    }

    /** Stands at a place, and wherever that leads without a character. */
    private static void reach(String pattern, boolean[] places, int place) {
        places[place] = true;
        if (pattern.startsWith("**/", place) && startsComponent(pattern, place)) {
            reach(pattern, places, place + 3); // as in .gitignore: also no directory at all
        } else if (pattern.startsWith("**", place)) {
            reach(pattern, places, place + 2);
        } else if (pattern.startsWith("*", place)) {
            reach(pattern, places, place + 1);
        }
    }

    private static boolean startsComponent(String pattern, int place) {
        return place == 0 || pattern.charAt(place - 1) == '/';
    }

    private static void step(String pattern, int place, char c, boolean[] next) {
        char wanted = pattern.charAt(place);
        if (pattern.startsWith("**/", place) && startsComponent(pattern, place)) {
            next[place] = true; // within directories; out of them behind a slash only
            if (c == '/') {
                reach(pattern, next, place + 3);
            }
        } else if (pattern.startsWith("**", place)) {
            reach(pattern, next, place);
        } else if (wanted == '*') {
            if (c != '/') {
                reach(pattern, next, place);
            }
        } else if (wanted == c || (wanted == '?' && c != '/')) {
            reach(pattern, next, place + 1);
        }
    }
}
