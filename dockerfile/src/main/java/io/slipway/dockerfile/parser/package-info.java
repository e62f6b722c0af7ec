/** Text to typed instructions. */
@NullMarked
package io.slipway.dockerfile.parser;

import org.jspecify.annotations.NullMarked;
