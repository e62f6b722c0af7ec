/** Looking at Dockerfiles without building them. */
@NullMarked
package io.slipway.api.dockerfile;

import org.jspecify.annotations.NullMarked;
