/** Which of the services on one database are there: each says so of itself, and ends what waits for one that does not come back. */
@NullMarked
package io.slipway.api.home;

import org.jspecify.annotations.NullMarked;
