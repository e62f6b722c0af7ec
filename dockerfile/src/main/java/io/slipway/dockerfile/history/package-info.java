/** The text that an instruction leaves in the history of an image. */
@NullMarked
package io.slipway.dockerfile.history;

import org.jspecify.annotations.NullMarked;
