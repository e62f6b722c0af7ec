/** Triggers, and what git hosts deliver to them. */
@NullMarked
package io.slipway.db.webhook;

import org.jspecify.annotations.NullMarked;
