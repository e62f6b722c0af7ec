package io.slipway.db.webhook;

/**
 * A delivery that is being worked off.
 *
 * @param claim who holds it: everything that is written about it is written under this number
 * @param serviceUrl where the host has reached the service
 */
public record ClaimedDelivery(Delivery delivery, long claim, DeliveryContent content, String serviceUrl) {}
