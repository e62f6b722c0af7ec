/** Tests of fetching over HTTP. */
@NullMarked
package io.slipway.remote.http;

import org.jspecify.annotations.NullMarked;
