@NullMarked
package io.slipway.worker.sandbox;

import org.jspecify.annotations.NullMarked;
