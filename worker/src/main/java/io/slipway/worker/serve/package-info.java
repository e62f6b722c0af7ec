/** A worker in the service of the API: asks for one build, reports on it, exits. */
@NullMarked
package io.slipway.worker.serve;

import org.jspecify.annotations.NullMarked;
