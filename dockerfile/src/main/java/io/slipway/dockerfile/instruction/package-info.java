/** One record for each instruction of the Dockerfile language, and the values that are found in instructions. */
@NullMarked
package io.slipway.dockerfile.instruction;

import org.jspecify.annotations.NullMarked;
