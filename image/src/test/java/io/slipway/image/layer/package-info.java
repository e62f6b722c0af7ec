/** Tests of writing layers and reading them back, damaged ones too. */
@NullMarked
package io.slipway.image.layer;

import org.jspecify.annotations.NullMarked;
