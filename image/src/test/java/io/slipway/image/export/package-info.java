/** Tests of images as files, read back by skopeo and umoci. */
@NullMarked
package io.slipway.image.export;

import org.jspecify.annotations.NullMarked;
