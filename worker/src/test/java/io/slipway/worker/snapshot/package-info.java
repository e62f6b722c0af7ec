@NullMarked
package io.slipway.worker.snapshot;

import org.jspecify.annotations.NullMarked;
