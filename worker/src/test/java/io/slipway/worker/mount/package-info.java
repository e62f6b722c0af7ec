@NullMarked
package io.slipway.worker.mount;

import org.jspecify.annotations.NullMarked;
