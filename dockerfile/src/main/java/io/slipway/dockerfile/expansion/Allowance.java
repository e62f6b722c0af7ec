package io.slipway.dockerfile.expansion;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How much one Dockerfile may expand to altogether: a few lines that double each other's values would fill any memory, and patterns that are
 * applied again and again any time. Thread-safe.
 */
final class Allowance {

    /** More than any Dockerfile that somebody wrote; the largest file is a quarter of it. */
    static final long MOST_CHARACTERS = 16L << 20;

    /** So many steps of matching a pattern take the time of making one character. */
    private static final int STEPS_PER_CHARACTER = 16;

    private final AtomicLong left = new AtomicLong(MOST_CHARACTERS);

    /** Takes characters of a result; the answer is whether there were so many. */
    boolean take(long characters) {
        return left.addAndGet(-characters) >= 0;
    }

    /** Takes the time that matching a pattern may need. */
    boolean takeSteps(long steps) {
        return take(steps / STEPS_PER_CHARACTER);
    }
}
