/** Base images: looked at from time to time, or when their registry tells that they have moved, so that what was built from them is built again. */
@NullMarked
package io.slipway.api.webhook.base;

import org.jspecify.annotations.NullMarked;
