/** Base images that are watched, and the builds that are done again when they move. */
@NullMarked
package io.slipway.db.base;

import org.jspecify.annotations.NullMarked;
