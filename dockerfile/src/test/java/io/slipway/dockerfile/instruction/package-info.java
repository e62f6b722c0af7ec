/** Tests of the values that are found in instructions. */
@NullMarked
package io.slipway.dockerfile.instruction;

import org.jspecify.annotations.NullMarked;
