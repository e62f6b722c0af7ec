@NullMarked
package io.slipway.worker.client;

import org.jspecify.annotations.NullMarked;
