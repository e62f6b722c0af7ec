@NullMarked
package io.slipway.image.network;

import org.jspecify.annotations.NullMarked;
