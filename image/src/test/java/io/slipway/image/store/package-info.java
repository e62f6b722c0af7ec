/** Tests of the content store. */
@NullMarked
package io.slipway.image.store;

import org.jspecify.annotations.NullMarked;
