@NullMarked
package io.slipway.api.history;

import org.jspecify.annotations.NullMarked;
