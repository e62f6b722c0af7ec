/** Tar archives, read and written as streams without losing a byte: names that are not UTF-8, binary xattrs, sparse files. */
@NullMarked
package io.slipway.image.tar;

import org.jspecify.annotations.NullMarked;
