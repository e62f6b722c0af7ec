/** Runs one command in a container of the OCI runtime, inside the worker's own namespaces. */
@NullMarked
package io.slipway.worker.sandbox;

import org.jspecify.annotations.NullMarked;
