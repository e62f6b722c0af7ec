/** Files from HTTP servers. */
@NullMarked
package io.slipway.remote.http;

import org.jspecify.annotations.NullMarked;
