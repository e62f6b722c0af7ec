/** Downloading the image of a succeeded build as a tar. */
@NullMarked
package io.slipway.api.download;

import org.jspecify.annotations.NullMarked;
