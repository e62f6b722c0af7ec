package io.slipway.dockerfile.ignore;

/**
 * Where in a pattern one can be after some characters of a path: the states of a nondeterministic automaton, one for each token. So no pattern takes
 * longer than the product of its length and the path's. Not thread-safe.
 */
final class GlobStates {

    private final GlobToken[] tokens;

    /** {@code at[i]}: the tokens before {@code i} are matched. */
    private boolean[] at;

    /** {@code inside[i]}: token {@code i} is {@code Directories} and has begun. */
    private boolean[] inside;

    private boolean[] nextAt;
    private boolean[] nextInside;

    /** The largest index that holds in {@code at} or {@code inside}; -1 if none does, and then nothing can match any more. */
    private int highest;

    private int nextHighest;

    GlobStates(GlobToken[] tokens) {
        this.tokens = tokens;
        at = new boolean[tokens.length + 1];
        inside = new boolean[tokens.length + 1];
        nextAt = new boolean[tokens.length + 1];
        nextInside = new boolean[tokens.length + 1];
        nextHighest = -1;
        reach(0);
        swap();
    }

    /** Goes on by one character. */
    void step(int character) {
        nextHighest = -1;
        for (int i = 0; i <= highest; i++) {
            boolean here = at[i];
            boolean begun = inside[i];
            at[i] = false;
            inside[i] = false;
            if (here && i < tokens.length) {
                begun |= leave(i, character);
            }
            if (begun) {
                nextInside[i] = true;
                nextHighest = Math.max(nextHighest, i);
                if (character == '/') {
                    reach(i + 1);
                }
            }
        }
        swap();
    }

    /** Whether what was read so far matches. */
    boolean accepts() {
        return at[tokens.length];
    }

    /** Whether something that begins with what was read so far can match, besides that itself. */
    boolean canGoOn() {
        for (int i = 0; i < tokens.length; i++) {
            if (at[i] || inside[i]) {
                return true;
            }
        }
        return false;
    }

    /** Whether nothing can match any more. */
    boolean isDead() {
        return highest < 0;
    }

    /**
     * Lets the token before which one is take a character.
     *
     * @return whether the token is {@code Directories}, which has begun now
     */
    private boolean leave(int index, int character) {
        switch (tokens[index]) {
            case GlobToken.Literal literal -> reachIf(literal.character() == character, index + 1);
            case GlobToken.AnyInName _ -> reachIf(character != '/', index + 1);
            case GlobToken.OneOf oneOf -> reachIf(oneOf.contains(character), index + 1);
            case GlobToken.Star _ -> reachIf(character != '/', index);
            case GlobToken.Everything _ -> reach(index);
            case GlobToken.Directories _ -> {
                return true;
            }
        }
        return false;
    }

    private void reachIf(boolean condition, int index) {
        if (condition) {
            reach(index);
        }
    }

    /** Marks a place and those after it that need no character. */
    private void reach(int index) {
        for (int i = index; !nextAt[i]; i++) {
            nextAt[i] = true;
            nextHighest = Math.max(nextHighest, i);
            if (i == tokens.length || !tokens[i].isOptional()) {
                break;
            }
        }
    }

    private void swap() {
        boolean[] clearAt = at;
        boolean[] clearInside = inside;
        at = nextAt;
        inside = nextInside;
        nextAt = clearAt;
        nextInside = clearInside;
        highest = nextHighest;
    }
}
