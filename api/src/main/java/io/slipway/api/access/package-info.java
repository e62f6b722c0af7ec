/** Who calls: bearer tokens and the filter that asks for them. */
@NullMarked
package io.slipway.api.access;

import org.jspecify.annotations.NullMarked;
