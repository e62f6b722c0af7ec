/** Tests of names and documents. */
@NullMarked
package io.slipway.image;

import org.jspecify.annotations.NullMarked;
