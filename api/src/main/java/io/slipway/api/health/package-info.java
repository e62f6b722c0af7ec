/** Readiness, metrics, and the line that says that the service is ready. */
@NullMarked
package io.slipway.api.health;

import org.jspecify.annotations.NullMarked;
