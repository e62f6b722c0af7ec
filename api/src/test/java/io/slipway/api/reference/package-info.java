/** The description of the API as its users get it. */
@NullMarked
package io.slipway.api.reference;

import org.jspecify.annotations.NullMarked;
