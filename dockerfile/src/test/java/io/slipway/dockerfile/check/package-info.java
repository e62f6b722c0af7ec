/** Tests of build checks. */
@NullMarked
package io.slipway.dockerfile.check;

import org.jspecify.annotations.NullMarked;
