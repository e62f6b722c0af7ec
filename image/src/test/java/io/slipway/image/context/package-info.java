/** Tests of receiving, packing and reading build contexts, hostile and damaged ones too. */
@NullMarked
package io.slipway.image.context;

import org.jspecify.annotations.NullMarked;
