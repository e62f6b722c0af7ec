/** Triggers: which events of which repository are built, and how. */
@NullMarked
package io.slipway.api.webhook.trigger;

import org.jspecify.annotations.NullMarked;
