package io.slipway.db.webhook;

import org.jspecify.annotations.Nullable;

/**
 * The check run at GitHub by which a commit's status is told.
 *
 * @param of what it tells of, its {@code external_id} there
 * @param id GitHub's id of it, or null if it may be there and its id is not known: its making was begun, and nobody has heard the end
 */
public record CheckRun(String of, @Nullable Long id) {}
