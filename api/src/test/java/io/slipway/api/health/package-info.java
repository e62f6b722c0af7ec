@NullMarked
package io.slipway.api.health;

import org.jspecify.annotations.NullMarked;
