/** Errors as RFC 9457 problem details. */
@NullMarked
package io.slipway.api.problem;

import org.jspecify.annotations.NullMarked;
