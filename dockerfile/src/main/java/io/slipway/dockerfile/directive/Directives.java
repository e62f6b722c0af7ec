package io.slipway.dockerfile.directive;

import org.jspecify.annotations.Nullable;

/**
 * The parser directives of a Dockerfile (dockerfile.md §2).
 *
 * @param syntax the image of the frontend that {@code # syntax=} names, or null
 * @param escape the escape character, {@code \} or {@code `}
 * @param check what {@code # check=} says about build checks
 */
public record Directives(@Nullable String syntax, char escape, CheckOptions check) {}
