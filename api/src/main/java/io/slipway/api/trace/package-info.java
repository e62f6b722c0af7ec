/** Traces (OpenTelemetry): of each build from its submission through the queue to its steps. Off unless a collector is named. */
@NullMarked
package io.slipway.api.trace;

import org.jspecify.annotations.NullMarked;
