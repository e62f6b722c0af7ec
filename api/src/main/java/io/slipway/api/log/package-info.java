/** A build's log as text, NDJSON and server-sent events. */
@NullMarked
package io.slipway.api.log;

import org.jspecify.annotations.NullMarked;
