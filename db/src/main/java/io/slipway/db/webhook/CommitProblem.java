package io.slipway.db.webhook;

import org.jspecify.annotations.Nullable;

/**
 * Why a commit has no build.
 *
 * @param text in words
 * @param dockerfile path within the context of the Dockerfile that has a mistake, or null
 * @param line 1-based line of the mistake, or null
 */
public record CommitProblem(
        String text, @Nullable String dockerfile, @Nullable Integer line) {}
