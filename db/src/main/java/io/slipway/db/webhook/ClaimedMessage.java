package io.slipway.db.webhook;

/**
 * A message that is being sent.
 *
 * @param claim who holds it: everything that is written about it is written under this number
 */
public record ClaimedMessage(Message message, long claim) {}
