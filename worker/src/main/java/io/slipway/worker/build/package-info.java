/** One build: from a build spec to an image, step by step. */
@NullMarked
package io.slipway.worker.build;

import org.jspecify.annotations.NullMarked;
