package io.slipway.db.build;

import java.time.Duration;

/**
 * The builds of a project that wait.
 *
 * @param queued how many, one at least
 * @param oldest for how long the one has waited that came first
 */
public record ProjectDepth(String project, long queued, Duration oldest) {}
