/** Dockerfiles written back as text. */
@NullMarked
package io.slipway.dockerfile.print;

import org.jspecify.annotations.NullMarked;
