/** What tests of the service stand on: a running service, and a worker that does as the Dockerfile says. */
@NullMarked
package io.slipway.api.testing;

import org.jspecify.annotations.NullMarked;
