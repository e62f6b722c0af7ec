@NullMarked
package io.slipway.worker.build;

import org.jspecify.annotations.NullMarked;
