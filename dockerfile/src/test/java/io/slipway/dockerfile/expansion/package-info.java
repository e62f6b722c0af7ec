/** Tests of expansion. */
@NullMarked
package io.slipway.dockerfile.expansion;

import org.jspecify.annotations.NullMarked;
