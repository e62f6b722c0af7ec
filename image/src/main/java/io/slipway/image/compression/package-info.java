/** Compression of layers, and decompression of whatever arrives. The same bytes in are the same bytes out, on any number of threads. */
@NullMarked
package io.slipway.image.compression;

import org.jspecify.annotations.NullMarked;
