@NullMarked
package io.slipway.worker.collect;

import org.jspecify.annotations.NullMarked;
