/** Tests of what all fetching has in common. */
@NullMarked
package io.slipway.remote;

import org.jspecify.annotations.NullMarked;
