/** Tests of the registry endpoint, by hand and with a real client. */
@NullMarked
package io.slipway.api.registry;

import org.jspecify.annotations.NullMarked;
