/** Where connections may go, and that they go nowhere else: docs/decisions/0008-one-room-for-fetching.md. */
@NullMarked
package io.slipway.image.network;

import org.jspecify.annotations.NullMarked;
