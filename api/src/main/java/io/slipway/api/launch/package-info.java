/** Starting workers, and ending what is left of them. */
@NullMarked
package io.slipway.api.launch;

import org.jspecify.annotations.NullMarked;
