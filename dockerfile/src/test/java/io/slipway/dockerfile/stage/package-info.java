/** Tests of stages and scopes. */
@NullMarked
package io.slipway.dockerfile.stage;

import org.jspecify.annotations.NullMarked;
