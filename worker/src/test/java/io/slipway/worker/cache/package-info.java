@NullMarked
package io.slipway.worker.cache;

import org.jspecify.annotations.NullMarked;
