/** The content store: blobs by digest in one directory, shared by many processes. */
@NullMarked
package io.slipway.image.store;

import org.jspecify.annotations.NullMarked;
