/** Unpacked layers, the overlays made of them, and what an overlay's upper directory says was changed. */
@NullMarked
package io.slipway.worker.snapshot;

import org.jspecify.annotations.NullMarked;
