/** Tests of patterns over paths. */
@NullMarked
package io.slipway.dockerfile.ignore;

import org.jspecify.annotations.NullMarked;
