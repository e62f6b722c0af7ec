package io.slipway.api.webhook.decision;

/**
 * A rule that said no.
 *
 * @param detail one sentence for people
 */
public record Refusal(Rule rule, String detail) {}
