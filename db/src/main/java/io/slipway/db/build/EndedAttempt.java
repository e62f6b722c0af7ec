package io.slipway.db.build;

/**
 * An attempt that was ended from outside.
 *
 * @param id the build
 * @param worker who ran it; must be killed if it still lives
 * @param state what became of the build: queued again, failed or cancelled
 */
public record EndedAttempt(BuildId id, String worker, BuildState state) {}
