/** COPY and ADD: which files, where to, and the layer that comes of it. */
@NullMarked
package io.slipway.worker.copy;

import org.jspecify.annotations.NullMarked;
