@NullMarked
package io.slipway.api.secret;

import org.jspecify.annotations.NullMarked;
