/** The description of the API as its users get it: as {@code openapi.yaml}, and as a page to be read that is made from it. */
@NullMarked
package io.slipway.api.reference;

import org.jspecify.annotations.NullMarked;
