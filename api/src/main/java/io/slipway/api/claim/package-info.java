/** Working off what stands in a table, by several services at once: claimed, done beside requests, and tried again. */
@NullMarked
package io.slipway.api.claim;

import org.jspecify.annotations.NullMarked;
