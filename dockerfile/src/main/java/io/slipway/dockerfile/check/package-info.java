/** Build checks: warnings about a Dockerfile that builds but may not do what its author meant. */
@NullMarked
package io.slipway.dockerfile.check;

import org.jspecify.annotations.NullMarked;
