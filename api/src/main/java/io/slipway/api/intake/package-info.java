/** How a build comes in: {@code POST /v1/builds} with its options and its context. */
@NullMarked
package io.slipway.api.intake;

import org.jspecify.annotations.NullMarked;
