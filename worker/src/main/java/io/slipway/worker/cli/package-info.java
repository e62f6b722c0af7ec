/** The worker as a command: builds a local directory, without any service. */
@NullMarked
package io.slipway.worker.cli;

import org.jspecify.annotations.NullMarked;
