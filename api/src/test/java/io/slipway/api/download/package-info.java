/** Tests of downloading images. */
@NullMarked
package io.slipway.api.download;

import org.jspecify.annotations.NullMarked;
