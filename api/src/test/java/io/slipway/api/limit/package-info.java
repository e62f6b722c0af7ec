/** Tests of the limits of projects. */
@NullMarked
package io.slipway.api.limit;

import org.jspecify.annotations.NullMarked;
