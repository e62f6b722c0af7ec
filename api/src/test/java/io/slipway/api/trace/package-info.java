/** Traces of builds, as a collector gets them. */
@NullMarked
package io.slipway.api.trace;

import org.jspecify.annotations.NullMarked;
