/** The comments at the top of a Dockerfile that are not comments: syntax, escape and check. */
@NullMarked
package io.slipway.dockerfile.directive;

import org.jspecify.annotations.NullMarked;
