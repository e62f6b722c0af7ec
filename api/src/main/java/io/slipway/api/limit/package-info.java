/** What projects may ask for: how much of it, and how often. */
@NullMarked
package io.slipway.api.limit;

import org.jspecify.annotations.NullMarked;
