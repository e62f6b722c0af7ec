/** Tests through the front door: a real service, real registries, real Debian packages. */
@NullMarked
package io.slipway.acceptance;

import org.jspecify.annotations.NullMarked;
