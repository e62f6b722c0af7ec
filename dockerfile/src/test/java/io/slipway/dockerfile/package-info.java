/** Tests of the Dockerfile language as a whole. */
@NullMarked
package io.slipway.dockerfile;

import org.jspecify.annotations.NullMarked;
