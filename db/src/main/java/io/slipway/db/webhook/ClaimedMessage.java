package io.slipway.db.webhook;

import java.time.Instant;

/**
 * A message that is being sent.
 *
 * @param claim who holds it: everything that is written about it is written under this number
 * @param at when it was claimed, by the database's clock
 */
public record ClaimedMessage(Message message, long claim, Instant at) {}
