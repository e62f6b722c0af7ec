/** OCI layouts that somebody else made, as a source of images. */
@NullMarked
package io.slipway.image.layout;

import org.jspecify.annotations.NullMarked;
