/** Builds over HTTP: submitting, reading, listing and cancelling them. */
@NullMarked
package io.slipway.api.build;

import org.jspecify.annotations.NullMarked;
