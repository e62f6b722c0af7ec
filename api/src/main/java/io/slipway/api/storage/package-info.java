/** The store's size and what of it is kept: measuring, collecting, cache mounts. */
@NullMarked
package io.slipway.api.storage;

import org.jspecify.annotations.NullMarked;
