package io.slipway.remote.git;

import org.jspecify.annotations.Nullable;

/**
 * What a reference stood for when the server was asked.
 *
 * @param name its full name, {@code refs/…}, or null if none was named
 * @param object id of what it points to: the commit, or an annotated tag
 * @param commit id of the commit
 */
public record GitReference(@Nullable String name, String object, String commit) {}
