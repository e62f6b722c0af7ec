/** Tests of OCI layouts. */
@NullMarked
package io.slipway.image.layout;

import org.jspecify.annotations.NullMarked;
