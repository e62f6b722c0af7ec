/** Dockerfiles that are made to take memory and time. */
@NullMarked
package io.slipway.dockerfile.hostile;

import org.jspecify.annotations.NullMarked;
