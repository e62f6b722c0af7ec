/** The build context: received as a tar, checked and indexed once, then read without ever being unpacked. */
@NullMarked
package io.slipway.image.context;

import org.jspecify.annotations.NullMarked;
