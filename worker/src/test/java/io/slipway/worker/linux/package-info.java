@NullMarked
package io.slipway.worker.linux;

import org.jspecify.annotations.NullMarked;
