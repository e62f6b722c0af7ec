@NullMarked
package io.slipway.api.home;

import org.jspecify.annotations.NullMarked;
