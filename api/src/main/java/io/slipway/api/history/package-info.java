/** How long what has happened is kept. */
@NullMarked
package io.slipway.api.history;

import org.jspecify.annotations.NullMarked;
