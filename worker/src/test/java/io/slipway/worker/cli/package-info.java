@NullMarked
package io.slipway.worker.cli;

import org.jspecify.annotations.NullMarked;
