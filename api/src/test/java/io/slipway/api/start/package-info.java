/** Tests of what is said when the service can't start. */
@NullMarked
package io.slipway.api.start;

import org.jspecify.annotations.NullMarked;
