/** Layers: written to and read from the content store in one pass, in constant memory. */
@NullMarked
package io.slipway.image.layer;

import org.jspecify.annotations.NullMarked;
