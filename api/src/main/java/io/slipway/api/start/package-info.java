/** What is checked before anything of the service starts, and how it is said when it can't. */
@NullMarked
package io.slipway.api.start;

import org.jspecify.annotations.NullMarked;
