/** Looks into root file systems, whose every name may be a trap. */
@NullMarked
package io.slipway.worker.rootfs;

import org.jspecify.annotations.NullMarked;
