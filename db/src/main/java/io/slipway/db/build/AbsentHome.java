package io.slipway.db.build;

import java.time.Duration;
import java.time.Instant;

/**
 * A home that builds wait for and whose service was not seen of late.
 *
 * @param id the home's
 * @param seenAt when its service was last seen
 * @param away for how long it has not been, by the database's clock
 */
public record AbsentHome(String id, Instant seenAt, Duration away) {}
