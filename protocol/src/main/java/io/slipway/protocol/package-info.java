/** What the API and a worker say to each other: build spec and build events, as records. */
@NullMarked
package io.slipway.protocol;

import org.jspecify.annotations.NullMarked;
