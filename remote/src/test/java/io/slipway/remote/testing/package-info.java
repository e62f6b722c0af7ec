/** Servers to fetch from, for tests. */
@NullMarked
package io.slipway.remote.testing;

import org.jspecify.annotations.NullMarked;
