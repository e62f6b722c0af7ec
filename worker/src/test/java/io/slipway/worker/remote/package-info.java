/** Tests of what ADD takes from elsewhere. */
@NullMarked
package io.slipway.worker.remote;

import org.jspecify.annotations.NullMarked;
