package io.slipway.db.build;

import org.jspecify.annotations.Nullable;

/**
 * Something in a Dockerfile that is allowed but probably not meant.
 *
 * @param line 1-based line, or null
 * @param rule the check's name
 * @param message one sentence
 */
public record Warning(@Nullable Integer line, String rule, String message) {}
