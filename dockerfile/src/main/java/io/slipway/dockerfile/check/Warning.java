package io.slipway.dockerfile.check;

import java.util.Comparator;

/**
 * A build check that fired.
 *
 * @param line the line that it points at, from 1; 0 if it is about no line
 * @param column the column of the instruction that it points at, from 1; 0 if it points at a line
 * @param endLine the last line of what it points at, from 1; 0 if it is about no line
 * @param message one sentence
 */
public record Warning(int line, int column, int endLine, Rule rule, String message) implements Comparable<Warning> {

    private static final Comparator<Warning> ORDER = Comparator.comparingInt(Warning::line)
            .thenComparing(warning -> warning.rule().label())
            .thenComparing(Warning::message);

    /** By line, rule and message. */
    @Override
    public int compareTo(Warning other) {
        return ORDER.compare(this, other);
    }
}
