/** Looks for secrets and credentials in what is about to become part of an image. */
@NullMarked
package io.slipway.worker.guard;

import org.jspecify.annotations.NullMarked;
