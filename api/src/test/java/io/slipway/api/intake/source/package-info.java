/** Tests of what fetched contexts have in common. */
@NullMarked
package io.slipway.api.intake.source;

import org.jspecify.annotations.NullMarked;
