package io.slipway.protocol;

/**
 * Something that a step's result depends on.
 *
 * @param input what it is, such as {@code instruction}, {@code variable FOO} or {@code file src/a.c}; never its value
 */
public record ChangedInput(String input, InputChange change) {}
