/** Tests of {@code POST /v1/builds} through HTTP. */
@NullMarked
package io.slipway.api.intake;

import org.jspecify.annotations.NullMarked;
