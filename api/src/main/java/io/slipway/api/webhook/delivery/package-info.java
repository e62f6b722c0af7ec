/** Deliveries: received, stored, worked off, shown, removed. */
@NullMarked
package io.slipway.api.webhook.delivery;

import org.jspecify.annotations.NullMarked;
