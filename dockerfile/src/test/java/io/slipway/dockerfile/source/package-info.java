@NullMarked
package io.slipway.dockerfile.source;

import org.jspecify.annotations.NullMarked;
