/** Tests of compression against the standard tools, and of decompression against damage. */
@NullMarked
package io.slipway.image.compression;

import org.jspecify.annotations.NullMarked;
