/** {@code build --server}: a service builds a local directory, of which only what it lacks is sent. */
@NullMarked
package io.slipway.worker.client;

import org.jspecify.annotations.NullMarked;
