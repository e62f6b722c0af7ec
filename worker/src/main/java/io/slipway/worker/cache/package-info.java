/** What earlier builds made, found again by what went in. */
@NullMarked
package io.slipway.worker.cache;

import org.jspecify.annotations.NullMarked;
