/** Whether an event is to be built, and which rules said no. */
@NullMarked
package io.slipway.api.webhook.decision;

import org.jspecify.annotations.NullMarked;
