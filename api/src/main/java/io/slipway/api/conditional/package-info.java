/** Conditional requests (RFC 9110, section 13): entity tags of all that is read, and changes that only happen to what the caller has seen. */
@NullMarked
package io.slipway.api.conditional;

import org.jspecify.annotations.NullMarked;
