/** Stages to a graph: base and source references, build arguments, the target and what it needs. */
@NullMarked
package io.slipway.dockerfile.stage;

import org.jspecify.annotations.NullMarked;
