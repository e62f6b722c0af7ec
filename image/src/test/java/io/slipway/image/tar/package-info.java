/** Tests of reading and writing tars, against GNU tar and against damage. */
@NullMarked
package io.slipway.image.tar;

import org.jspecify.annotations.NullMarked;
