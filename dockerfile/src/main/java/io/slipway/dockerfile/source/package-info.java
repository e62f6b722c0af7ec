/** Where something stands in a Dockerfile, and how an error about it is told. */
@NullMarked
package io.slipway.dockerfile.source;

import org.jspecify.annotations.NullMarked;
